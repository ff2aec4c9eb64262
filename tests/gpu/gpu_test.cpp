// What only a real GPU can show. Exits with 77, "not run", where there is none: never passed by default.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cuda/gpu.h"
#include "cuda/nvcc.h"
#include "cuda/pattern.h"

namespace kverify::cuda {
namespace {

using testing::Each;
using testing::SizeIs;

constexpr const char* kSource = R"(
#include <cstdint>
struct Args { float* y; const float* x; int n; float factor; };
namespace scaled {
template <int kFactor, class T>
__global__ void times(const T* x, T* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = kFactor * x[i];
}
}
static __global__ void hidden(const float* x, float* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = 2 * x[threadIdx.x]; }
namespace { __global__ void unnamed(const float* x, float* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = 2 * x[threadIdx.x]; } }
__global__ void by_struct(Args a) { if (threadIdx.x < a.n) a.y[threadIdx.x] = a.factor * a.x[threadIdx.x]; }
__global__ void overrun(const float* x, float* y, int n) { if (threadIdx.x <= n) y[threadIdx.x] = 2 * x[0]; }
__global__ void writes_input(float* x, float* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = x[threadIdx.x] += 1; }
__global__ void illegal(const float* x, float* y, int n) { y[1ll << 40] = x[0]; }
__global__ void misaligned(const float* x, float* y, int n) { *reinterpret_cast<double*>(reinterpret_cast<char*>(y) + 4) = x[0]; }
__global__ void traps(const float* x, float* y, int n) { if (n > 0) asm volatile("trap;"); }
__global__ void hangs(const float* x, float* y, int n) { volatile int* forever = reinterpret_cast<int*>(y); while (*forever != 12345) {} }
__global__ void large_shared(const float* x, float* y, int n) {
  extern __shared__ float s[];
  for (int i = threadIdx.x; i < 20000; i += blockDim.x) s[i] = i;
  __syncthreads();
  if (threadIdx.x < n) y[threadIdx.x] = s[19999 - threadIdx.x];
}
#include <cstdio>
__global__ void prints(const float* x, float* y, int n) { if (threadIdx.x == 0) printf("n is %d\n", n); }
__device__ const float* last_x; __device__ float last_y[64];
__global__ void cached(const float* x, float* y, int n) {  // by pointer: the contents may be others by now
  bool known = last_x == x;
  __syncthreads();
  if (threadIdx.x < n) { if (!known) last_y[threadIdx.x] = 2 * x[threadIdx.x]; y[threadIdx.x] = last_y[threadIdx.x]; }
  __syncthreads();
  if (threadIdx.x == 0) last_x = x;
}
)";

/// Compiled once for all tests.
const Cubin& cubin() {
  static const Cubin compiled = [] {
    static Gpu gpu;
    const auto folder = std::filesystem::temp_directory_path() / ("kverify-gpu-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "k.cu") << kSource;
    std::vector<WantedKernel> wanted = {{"scaled::times<3, float>", "_ZN6scaled5timesILi3EfEEvPKT0_PS1_i"},
                                        {"hidden", "_ZL6hiddenPKfPfi"},
                                        {"unnamed", "_ZN12_GLOBAL__N_17unnamedEPKfPfi"},
                                        {"by_struct", "_Z9by_struct4Args"},
                                        {"overrun", "_Z7overrunPKfPfi"},
                                        {"writes_input", "_Z12writes_inputPfS_i"},
                                        {"illegal", "_Z7illegalPKfPfi"},
                                        {"misaligned", "_Z10misalignedPKfPfi"},
                                        {"traps", "_Z5trapsPKfPfi"},
                                        {"hangs", "_Z5hangsPKfPfi"},
                                        {"large_shared", "_Z12large_sharedPKfPfi"},
                                        {"prints", "_Z6printsPKfPfi"},
                                        {"cached", "_Z6cachedPKfPfi"}};
    auto device = gpu.device();
    auto made = compileCubin((folder / "k.cu").string(), wanted,
                             {.major = device->major, .minor = device->minor, .cache = (folder / "cache").string()});
    if (!made)
      throw std::runtime_error(made.error().message);
    return *made;
  }();
  return compiled;
}

std::string symbolOf(const std::string& part) {
  for (const CompiledKernel& kernel : cubin().kernels)
    if (kernel.symbol.find(part) != std::string::npos)
      return kernel.symbol;
  return part;
}

std::vector<std::uint8_t> bytesOf(const std::vector<float>& values) {
  std::vector<std::uint8_t> bytes(values.size() * 4);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
std::vector<float> floatsOf(const std::vector<std::uint8_t>& bytes) {
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}
template <class T>
JobParam value(T v) {
  JobParam param;
  param.bytes.resize(sizeof v);
  std::memcpy(param.bytes.data(), &v, sizeof v);
  return param;
}
JobParam pointer(std::uint32_t buffer) {
  return {.bytes = std::vector<std::uint8_t>(8), .pointers = {{0, buffer, 0}}};
}

constexpr int kN = 37;

Job jobFor(const std::string& function) {
  std::vector<float> x(kN);
  for (int i = 0; i < kN; ++i)
    x[static_cast<std::size_t>(i)] = static_cast<float>(i + 1);
  Job job{.module = cubin().bytes};
  job.buffers = {{.name = "x", .bytes = kN * 4, .read_only = true, .fill = Fill::Contents, .contents = bytesOf(x)},
                 {.name = "y", .bytes = kN * 4}};
  JobLaunch launch{.function = symbolOf(function)};
  launch.block[0] = 64;
  launch.params = {pointer(0), pointer(1), value(kN)};
  job.launches = {launch};
  job.launch_ms = 2000;
  return job;
}

class RealGpu : public testing::Test {
protected:
  void expectWorks() {
    JobResult result = gpu.run(jobFor("hidden"));
    ASSERT_EQ(result.status, JobStatus::Completed) << result.detail;
    EXPECT_EQ(floatsOf(result.buffers[1])[5], 12.0f);
  }
  Gpu gpu;
};

TEST_F(RealGpu, KernelsOfEveryKindOfNameRun) {
  for (auto [name, factor] : {std::pair("times", 3.0f), std::pair("hidden", 2.0f), std::pair("unnamed", 2.0f)}) {
    JobResult result = gpu.run(jobFor(name));
    ASSERT_EQ(result.status, JobStatus::Completed) << name << ": " << result.detail;
    auto y = floatsOf(result.buffers[1]);
    for (int i = 0; i < kN; ++i)
      EXPECT_EQ(y[static_cast<std::size_t>(i)], factor * static_cast<float>(i + 1)) << name;
    EXPECT_THAT(result.damage, SizeIs(0)) << name;
  }
}

TEST_F(RealGpu, StructsByValueCarryPointers) {
  Job job = jobFor("by_struct");
  JobParam param;
  param.bytes.resize(24);
  param.pointers = {{0, 1, 0}, {8, 0, 0}};
  const int n = kN;
  const float factor = 5;
  std::memcpy(param.bytes.data() + 16, &n, 4);
  std::memcpy(param.bytes.data() + 20, &factor, 4);
  job.launches[0].params = {param};
  JobResult result = gpu.run(job);
  ASSERT_EQ(result.status, JobStatus::Completed) << result.detail;
  EXPECT_EQ(floatsOf(result.buffers[1])[2], 15.0f);
}

TEST_F(RealGpu, SharedMemoryBeyond48KiB) {
  Job job = jobFor("large_shared");
  job.launches[0].shared_bytes = 80000;
  JobResult result = gpu.run(job);
  ASSERT_EQ(result.status, JobStatus::Completed) << result.detail;
  EXPECT_EQ(floatsOf(result.buffers[1])[0], 19999.0f);
  job.launches[0].shared_bytes = 300 << 10;
  EXPECT_EQ(gpu.run(job).status, JobStatus::LaunchRefused);
}

TEST_F(RealGpu, GuardsAndInputsAreWatched) {
  JobResult overrun = gpu.run(jobFor("overrun"));
  ASSERT_EQ(overrun.status, JobStatus::Completed) << overrun.detail;
  ASSERT_THAT(overrun.damage, SizeIs(1));
  EXPECT_EQ(overrun.damage[0].where, 1);
  JobResult writes = gpu.run(jobFor("writes_input"));
  ASSERT_THAT(writes.damage, SizeIs(1));
  EXPECT_EQ(writes.damage[0].where, 2);
}

TEST_F(RealGpu, FaultsAreTypedAndTheNextJobRuns) {
  for (auto [name, error] : {std::pair("illegal", "CUDA_ERROR_ILLEGAL_ADDRESS"), std::pair("misaligned", "CUDA_ERROR_MISALIGNED_ADDRESS"),
                             std::pair("traps", "")}) {
    JobResult result = gpu.run(jobFor(name));
    EXPECT_EQ(result.status, JobStatus::Faulted) << name << ": " << nameOf(result.status) << " " << result.detail;
    if (*error) {
      EXPECT_EQ(result.error_name, error);
    }
    expectWorks();
  }
}

TEST_F(RealGpu, AHangIsEndedAndTheNextJobRuns) {
  const auto start = std::chrono::steady_clock::now();
  JobResult result = gpu.run(jobFor("hangs"));
  EXPECT_EQ(result.status, JobStatus::Hung) << result.detail;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 20) << "two seconds, and what it takes to end a process";
  expectWorks();
}

TEST_F(RealGpu, RefusedLaunchesKeepTheWorker) {
  Job job = jobFor("hidden");
  job.launches[0].block[0] = 2048;
  EXPECT_EQ(gpu.run(job).status, JobStatus::LaunchRefused);
  const unsigned workers = gpu.workersStarted();
  expectWorks();
  EXPECT_EQ(gpu.workersStarted(), workers);
}

TEST_F(RealGpu, PrintedTextIsCaught) {
  EXPECT_EQ(gpu.run(jobFor("prints")).printed, "n is 37\n");
}

TEST_F(RealGpu, ACacheByPointerGivesStaleResultsAway) {
  TimingJob job{.job = jobFor("cached"), .more = {{{bytesOf(std::vector<float>(kN, 100.0f))}}}, .copies = 1};
  ASSERT_EQ(gpu.prepare(job).status, JobStatus::Completed);
  ASSERT_EQ(gpu.sample({.samples = 2}).status, JobStatus::Completed);
  JobResult second = gpu.collect();
  ASSERT_EQ(second.status, JobStatus::Completed) << second.detail;
  ASSERT_EQ(second.contents, 1u);
  EXPECT_EQ(floatsOf(second.buffers[1])[3], 8.0f) << "the cheat did not cheat";
}

TEST_F(RealGpu, PatternsAreTheHosts) {
  for (PatternType type : {PatternType::F32, PatternType::F16, PatternType::BF16}) {
    Job job = jobFor("hidden");
    job.buffers[0] = {.name = "x", .bytes = 4096, .fill = Fill::Pattern, .element = type, .pattern_seed = 99};
    JobResult result = gpu.run(job);
    ASSERT_EQ(result.status, JobStatus::Completed) << result.detail;
    const auto& bytes = result.buffers[0];
    const std::size_t size = type == PatternType::F32 ? 4 : 2;
    for (std::size_t i = 0; i < bytes.size() / size; ++i) {
      const float want = patternValue(99, i);
      float got = 0;
      if (type == PatternType::F32) {
        std::memcpy(&got, bytes.data() + 4 * i, 4);
      } else {
        std::uint16_t raw = 0;
        std::memcpy(&raw, bytes.data() + 2 * i, 2);
        if (type == PatternType::BF16) {
          const std::uint32_t wide = std::uint32_t{raw} << 16;
          std::memcpy(&got, &wide, 4);
        } else {
          const int exponent = raw >> 10 & 31;
          got = raw & 0x7fff ? std::ldexp(1.0f + static_cast<float>(raw & 0x3ff) / 1024.0f, exponent - 15) : 0.0f;
          got = raw & 0x8000 ? -got : got;
        }
      }
      ASSERT_EQ(got, want) << "element " << i << " of type " << static_cast<int>(type);
    }
  }
}

TEST_F(RealGpu, RepeatedTimesAgree) {
  Job job = jobFor("times");
  const std::uint64_t n = 64 << 20;
  job.buffers[0] = {.name = "x", .bytes = n * 4, .fill = Fill::Pattern, .pattern_seed = 3};
  job.buffers[1] = {.name = "y", .bytes = n * 4};
  job.launches[0].grid[0] = static_cast<std::uint32_t>(n / 64);
  job.launches[0].params[2] = value(static_cast<int>(n));
  std::vector<double> medians;
  for (int i = 0; i < 5; ++i) {
    Gpu fresh;
    ASSERT_EQ(fresh.prepare({.job = job, .copies = 2}).status, JobStatus::Completed);
    Samples samples = fresh.sample({.samples = 60});
    ASSERT_EQ(samples.status, JobStatus::Completed) << samples.detail;
    std::sort(samples.ms.begin(), samples.ms.end());
    medians.push_back(samples.ms[30]);
  }
  auto [least, most] = std::minmax_element(medians.begin(), medians.end());
  std::printf("five runs: %.5f to %.5f ms\n", *least, *most);
  EXPECT_LT(*most / *least, 1.01) << "five separate runs of one kernel agree within 1 %";
}

} // namespace
} // namespace kverify::cuda

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  constexpr int kNotRun = 77;
  kverify::cuda::Gpu gpu;
  if (auto device = gpu.device(); !device) {
    std::printf("not run: %s\n", device.error().message.c_str());
    return kNotRun;
  }
  if (kverify::cuda::findNvcc().empty()) {
    std::printf("not run: there is no nvcc\n");
    return kNotRun;
  }
  return RUN_ALL_TESTS();
}
