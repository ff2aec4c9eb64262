// The built-in CUDA headers do what the toolkit's do: expressions over everything they define, and the kernels of the
// sweep sources, are compiled with either and run in the executor on the same inputs. Results are equal to the bit.
#include <climits>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "frontend/left_out.h"
#include "frontend/toolkit.h"
#include "kernel_runner.h"

namespace kverify::simt::test {
namespace {

constexpr std::int64_t kElements = 4096;

/// Values that every function of the sweeps is defined for: small positive numbers of the parameter's own type.
Buffer sample(const frontend::KernelParam& param, std::uint32_t index) {
  Buffer buffer;
  buffer.name = param.name.empty() ? "p" + std::to_string(index) : param.name;
  std::size_t size = std::max(1u, param.pointee_size);
  buffer.dtype = DType::U8;
  buffer.elements = static_cast<std::int64_t>(size) * kElements;
  buffer.access = Access::ReadWrite;
  buffer.bytes.resize(static_cast<std::size_t>(buffer.elements));
  bool is_float = param.pointee.find("float") != std::string::npos;
  for (std::size_t i = 0; i < buffer.bytes.size(); i += 4) {
    std::uint32_t word = static_cast<std::uint32_t>(i / 4 * 7 % 61 + 1);
    if (is_float) {
      float value = 0.25f + 0.03125f * static_cast<float>(word);
      std::memcpy(&word, &value, 4);
    } else if (size == 2) {
      word = (0x3800u + word) | (0x3800u + word + 5) << 16;
    }
    std::memcpy(&buffer.bytes[i], &word, std::min<std::size_t>(4, buffer.bytes.size() - i));
  }
  if (param.pointee == "double")
    for (std::size_t i = 0; i + 8 <= buffer.bytes.size(); i += 8) {
      double value = 0.25 + 0.03125 * static_cast<double>(i / 8 * 7 % 61 + 1);
      std::memcpy(&buffer.bytes[i], &value, 8);
    }
  return buffer;
}

LaunchPlan planFor(const frontend::KernelInfo& kernel) {
  LaunchPlan plan;
  KernelLaunch launch;
  launch.kernel = kernel.name;
  launch.block = {64, 1, 1};
  for (std::uint32_t i = 0; i < kernel.params.size(); ++i) {
    plan.buffers.push_back(sample(kernel.params[i], i));
    launch.args.push_back(BufferArg{i, 0});
  }
  plan.launches.push_back(std::move(launch));
  return plan;
}

/// Both header sets' programs of one source.
struct Pair {
  frontend::DeviceModule module;
  std::unique_ptr<Program> ours, theirs;
};

Pair compileBoth(const std::string& path, const std::string* text) {
  Pair pair;
  for (auto headers : {frontend::CudaHeaders::Builtin, frontend::CudaHeaders::Toolkit}) {
    frontend::CompileOptions options;
    options.target = "sm_90";
    options.headers = headers;
    auto module = text ? frontend::compileSource(path, *text, options) : frontend::compileFile(path, options);
    if (!module) {
      ADD_FAILURE() << module.error().message;
      return {};
    }
    // Values are compared here; what the checks see in these kernels is the same code with either set.
    auto program = Program::create(*module, {.checks = false});
    bool builtin = headers == frontend::CudaHeaders::Builtin;
    (builtin ? pair.ours : pair.theirs) = std::move(*program);
    if (builtin)
      pair.module = std::move(*module);
  }
  return pair;
}

/// Runs a plan with either set. False, with a failure, unless both ran to their ends.
bool runBoth(Pair& pair, const LaunchPlan& plan, RunResult& ours, RunResult& theirs) {
  for (bool builtin : {true, false}) {
    auto result = (builtin ? pair.ours : pair.theirs)->run(plan);
    std::string who =
        plan.launches[0].kernel + (builtin ? " with built-in headers: " : " with the toolkit's headers: ");
    if (!result || result->status != RunStatus::Completed) {
      ADD_FAILURE() << who << (!result ? result.error().message : result->reason)
                    << (result && !result->findings.empty() ? result->findings[0].message : "");
      return false;
    }
    (builtin ? ours : theirs) = std::move(*result);
  }
  return true;
}

class Sweeps : public ::testing::TestWithParam<const char*> {};

TEST_P(Sweeps, LeaveTheSameMemory) {
  if (!frontend::findToolkit())
    GTEST_SKIP() << "no CUDA toolkit on this machine: nothing to compare with";
  Pair pair = compileBoth(std::string("tests/unit/frontend/sources/sweep_") + GetParam() + ".cu", nullptr);
  ASSERT_TRUE(pair.theirs);
  for (const frontend::KernelInfo& kernel : pair.module.kernels) {
    LaunchPlan plan = planFor(kernel);
    RunResult a, b;
    ASSERT_TRUE(runBoth(pair, plan, a, b));
    for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
      std::size_t first = 0;
      while (first < a.buffers[i].size() && a.buffers[i][first] == b.buffers[i][first])
        ++first;
      EXPECT_EQ(a.buffers[i].size(), first)
          << kernel.name << ": " << plan.buffers[i].name << " differs from byte " << first << " on; compare the "
          << "function that writes element " << first / std::max(1u, kernel.params[i].pointee_size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(HeadersAgree, Sweeps, ::testing::Values("warp", "half", "fp8", "groups", "wmma", "random", "cub", "std"),
                         [](const auto& sweep) { return std::string(sweep.param); });

constexpr int kThreads = 64;
constexpr const char* kPrologue = R"(
#include <cmath>
#include <cuComplex.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <math_constants.h>
template <class T> __device__ void put(unsigned long long* out, int slot, T value) {
  static_assert(sizeof(T) <= 16, "two words a value");
  unsigned long long words[2] = {0, 0};
  __builtin_memcpy(words, &value, sizeof value);
  out[slot * 128 + threadIdx.x] = words[0], out[slot * 128 + 64 + threadIdx.x] = words[1];
}
__device__ float nanOf(float) { return nanf(""); }
__device__ float2 sinesOf(float x) { float2 r; sincosf(x, &r.x, &r.y); return r; }
__device__ double2 sinesOf(double x) { double2 r; sincos(x, &r.x, &r.y); return r; }
__device__ float2 sinesPiOf(float x) { float2 r; sincospif(x, &r.x, &r.y); return r; }
__device__ float2 fastSinesOf(float x) { float2 r; __sincosf(x, &r.x, &r.y); return r; }
__device__ float2 fractionOf(float x) { int e = 0; float r = frexpf(x, &e); return make_float2(r, (float)e); }
__device__ float2 wholeOf(float x) { float i = 0, r = modff(x, &i); return make_float2(r, i); }
template <class T> __device__ uint2 matchAll(T x) { int all = 0; unsigned m = __match_all_sync(~0u, x, &all); return make_uint2(m, all); }
template <class T> __device__ T grown(T x) { x += x; T y = x++; ++x; x *= y; return x; }
template <class T> __device__ T shrunk(T x) { T y = x--; --x; x -= y; x /= y; return x; }
)";

/// Small kernels: the optimiser's time grows faster than their size.
constexpr std::size_t kPerKernel = 24;

std::string kernelName(const std::string& list, std::size_t number) {
  return "list_" + list + "_" + std::to_string(number);
}

/// A kernel that evaluates some of the expressions in each thread; slot s of `out` is two words of each thread.
std::string kernelOf(const std::string& name, std::size_t number, const std::vector<std::string>& expressions) {
  std::string scalar = name == "bfloat" ? "__nv_bfloat16" : "__half", pair = scalar + "2";
  std::string text = "__global__ void " + kernelName(name, number) +
                     R"((const float* f, const double* s, const int* i, const long long* j, unsigned long long* out) {
  int t = threadIdx.x;
  float x = f[t], y = f[t + 64], z = f[t + 128];
  double d = s[t], e = s[t + 64], g = s[t + 128];
  int a = i[t], b = i[t + 64];
  unsigned u = i[t], v = i[t + 64], w = i[t + 128];
  long long l = j[t], m = j[t + 64];
  unsigned long long p = j[t], q = j[t + 64];
)";
  text += "  " + scalar + " h(x), k(y), n(z);\n  " + pair + " H(h, k), K(k, n), N(n, h);\n";
  for (std::size_t slot = number * kPerKernel; slot < std::min(expressions.size(), (number + 1) * kPerKernel); ++slot)
    text += "  put(out, " + std::to_string(slot) + ", " + expressions[slot] + ");\n";
  return text + "}\n";
}

std::map<std::string, std::vector<std::string>> expressionLists() {
  std::map<std::string, std::vector<std::string>> lists;
  std::ifstream in("tests/unit/simt/headers/expressions.txt");
  std::string line, name;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#')
      continue;
    if (line[0] == '[')
      name = line.substr(1, line.size() - 2);
    else
      lists[name].push_back(line);
  }
  return lists;
}

/// Ordinary values, then the special ones, in three rows of 64 that pair them differently.
template <class T>
Buffer inputs(const char* name, const std::vector<T>& special, T (*ordinary)(std::uint32_t)) {
  Buffer buffer;
  buffer.name = name;
  buffer.dtype = DType::U8;
  buffer.access = Access::Read;
  std::vector<T> values(3 * kThreads);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::size_t row = i / kThreads, at = i % kThreads * (2 * row + 1) % kThreads;
    std::uint32_t noise = static_cast<std::uint32_t>(i + 1) * 2654435761u;
    values[i] = at < special.size() ? special[at] : ordinary(noise ^ noise >> 15);
  }
  buffer.elements = static_cast<std::int64_t>(values.size() * sizeof(T));
  buffer.bytes.resize(values.size() * sizeof(T));
  std::memcpy(buffer.bytes.data(), values.data(), buffer.bytes.size());
  return buffer;
}

LaunchPlan expressionPlan(const std::string& list, std::size_t slots) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  LaunchPlan plan;
  plan.buffers = {
      inputs<float>("f", {0, -0.0f, 1, -1, 0.5f, 2, inf, -inf, nan, 1e-40f, 3e38f, 65504, 448, 16777216, -2.5f, 1e-7f},
                    [](std::uint32_t r) { return static_cast<float>(static_cast<std::int32_t>(r)) * 0x1p-29f; }),
      inputs<double>("s", {0, -0.0, 1, -1, 0.5, 2, inf, -inf, nan, 1e-310, 1e300, 65520, 4294967297.5, -2.5, 1e-9},
                     [](std::uint32_t r) { return static_cast<double>(static_cast<std::int32_t>(r)) * 0x1p-28; }),
      inputs<int>("i", {0, 1, -1, INT_MAX, INT_MIN + 1, 31, 32, 33, 255, 0x10203, -7},
                  [](std::uint32_t r) { return static_cast<int>(r); }),
      inputs<long long>("j", {0, 1, -1, LLONG_MAX, LLONG_MIN + 1, 1ll << 33, 0xffffffffll, -7},
                        [](std::uint32_t r) { return static_cast<long long>(r * 0x100000001ull - (1ull << 60)); })};
  Buffer out;
  out.name = "out";
  out.dtype = DType::I64;
  out.elements = static_cast<std::int64_t>(slots) * 2 * kThreads;
  out.access = Access::Write;
  plan.buffers.push_back(out);
  KernelLaunch launch;
  launch.block = {kThreads, 1, 1};
  for (std::uint32_t i = 0; i < plan.buffers.size(); ++i)
    launch.args.push_back(BufferArg{i, 0});
  for (std::size_t number = 0; number * kPerKernel < slots; ++number) {
    launch.kernel = kernelName(list, number);
    plan.launches.push_back(launch);
  }
  return plan;
}

class Expressions : public ::testing::TestWithParam<const char*> {};

TEST_P(Expressions, HaveTheSameValues) {
  if (!frontend::findToolkit())
    GTEST_SKIP() << "no CUDA toolkit on this machine: nothing to compare with";
  std::string name = GetParam();
  std::vector<std::string> expressions = expressionLists()[name];
  ASSERT_GT(expressions.size(), 20u) << "tests/unit/simt/headers/expressions.txt has no [" << name << "]";
  std::string text = kPrologue;
  for (std::size_t number = 0; number * kPerKernel < expressions.size(); ++number)
    text += kernelOf(name, number, expressions);
  Pair pair = compileBoth(name + ".cu", &text);
  ASSERT_TRUE(pair.theirs);
  RunResult ours, theirs;
  ASSERT_TRUE(runBoth(pair, expressionPlan(name, expressions.size()), ours, theirs));
  const auto& a = ours.buffers[4];
  const auto& b = theirs.buffers[4];
  std::size_t slot_bytes = 2 * kThreads * 8;
  ASSERT_EQ(a.size(), expressions.size() * slot_bytes);
  for (std::size_t slot = 0; slot < expressions.size(); ++slot)
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      std::size_t low = slot * slot_bytes + thread * 8, high = low + kThreads * 8;
      auto hex = [&](const auto& bytes) {
        std::uint64_t words[2];
        std::memcpy(&words[0], &bytes[low], 8);
        std::memcpy(&words[1], &bytes[high], 8);
        return fmt::format("{:x} {:x}", words[0], words[1]);
      };
      if (hex(a) == hex(b))
        continue;
      ADD_FAILURE() << expressions[slot] << " in thread " << thread << ": built-in " << hex(a) << ", toolkit "
                    << hex(b);
      break;
    }
}

INSTANTIATE_TEST_SUITE_P(HeadersAgree, Expressions,
                         ::testing::Values("float", "double", "roundings", "integer", "half", "bfloat", "warp", "fp8"),
                         [](const auto& list) { return std::string(list.param); });

/// Host code alone: what is compared is that one source compiles with either, numbers and signatures included.
constexpr const char* kCublas = R"(#include <cublas_v2.h>
#include <cuda_fp16.h>
__global__ void k(float* y) { *y = 1; }
static_assert(CUBLAS_STATUS_SUCCESS == 0 && CUBLAS_STATUS_NOT_INITIALIZED == 1 && CUBLAS_STATUS_ALLOC_FAILED == 3 &&
              CUBLAS_STATUS_INVALID_VALUE == 7 && CUBLAS_STATUS_EXECUTION_FAILED == 13 && CUBLAS_STATUS_NOT_SUPPORTED == 15);
static_assert(CUBLAS_OP_N == 0 && CUBLAS_OP_T == 1 && CUBLAS_OP_C == 2 && CUBLAS_FILL_MODE_UPPER == 1 && CUBLAS_SIDE_RIGHT == 1 &&
              CUBLAS_DIAG_UNIT == 1 && CUBLAS_POINTER_MODE_DEVICE == 1 && CUBLAS_ATOMICS_ALLOWED == 1);
static_assert(CUBLAS_GEMM_DEFAULT == -1 && CUBLAS_GEMM_DEFAULT_TENSOR_OP == 99 && CUBLAS_DEFAULT_MATH == 0 && CUBLAS_TF32_TENSOR_OP_MATH == 3);
static_assert(CUBLAS_COMPUTE_16F == 64 && CUBLAS_COMPUTE_32F == 68 && CUBLAS_COMPUTE_64F == 70 && CUBLAS_COMPUTE_32I == 72 &&
              CUBLAS_COMPUTE_32F_FAST_16F == 74 && CUBLAS_COMPUTE_32F_FAST_TF32 == 77);
cublasStatus_t calls(const float* a, const double* b, const __half* h, float* c, double* d, __half* e, cudaStream_t stream) {
  cublasHandle_t handle;
  cublasMath_t mode;
  cublasStatus_t status = cublasCreate(&handle);
  cublasSetStream(handle, stream), cublasSetMathMode(handle, CUBLAS_TF32_TENSOR_OP_MATH), cublasGetMathMode(handle, &mode);
  cublasSetPointerMode(handle, CUBLAS_POINTER_MODE_HOST), cublasGetStatusString(status);
  const auto n = CUBLAS_OP_N, t = CUBLAS_OP_T;
  float one = 1, sum = 0;
  double two = 2;
  long long far = 64;
  int at = 0;
  cublasSgemm(handle, n, t, 2, 3, 4, &one, a, 2, a, 3, &one, c, 2), cublasDgemm(handle, t, n, 2, 3, 4, &two, b, 4, b, 4, &two, d, 2);
  cublasHgemm(handle, n, n, 2, 3, 4, h, h, 2, h, 4, h, e, 2);
  cublasSgemmStridedBatched(handle, n, n, 2, 3, 4, &one, a, 2, far, a, 4, far, &one, c, 2, far, 5);
  cublasGemmEx(handle, n, n, 2, 3, 4, &one, h, CUDA_R_16F, 2, h, CUDA_R_16F, 4, &one, c, CUDA_R_32F, 2, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
  cublasGemmEx(handle, n, n, 2, 3, 4, &one, h, CUDA_R_16F, 2, h, CUDA_R_16F, 4, &one, c, CUDA_R_32F, 2, CUDA_R_32F, CUBLAS_GEMM_DEFAULT);
  cublasGemmStridedBatchedEx(handle, n, n, 2, 3, 4, &one, h, CUDA_R_16F, 2, far, h, CUDA_R_16F, 4, far, &one, c, CUDA_R_32F, 2, far, 5,
                             CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
  cublasSgemv(handle, n, 2, 3, &one, a, 2, a, 1, &one, c, 1), cublasSger(handle, 2, 3, &one, a, 1, a, 1, c, 2);
  cublasSaxpy(handle, 2, &one, a, 1, c, 1), cublasDscal(handle, 2, &two, d, 1), cublasScopy(handle, 2, a, 1, c, 1);
  cublasSgeam(handle, n, t, 2, 3, &one, a, 2, &one, a, 3, c, 2), cublasSdgmm(handle, CUBLAS_SIDE_LEFT, 2, 3, a, 2, a, 1, c, 2);
  cublasStrsm(handle, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, n, CUBLAS_DIAG_UNIT, 2, 3, &one, a, 2, c, 2);
  cublasStrmm(handle, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, n, CUBLAS_DIAG_UNIT, 2, 3, &one, a, 2, a, 2, c, 2);
  cublasSsyrk(handle, CUBLAS_FILL_MODE_LOWER, n, 2, 3, &one, a, 2, &one, c, 2);
  cublasSsymm(handle, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, 2, 3, &one, a, 2, a, 2, &one, c, 2);
  cublasSdot(handle, 2, a, 1, a, 1, &sum), cublasSnrm2(handle, 2, a, 1, &sum), cublasSasum(handle, 2, a, 1, &sum), cublasIsamax(handle, 2, a, 1, &at);
  cublasSetMatrix(2, 3, 4, a, 2, c, 2), cublasGetVector(2, 4, a, 1, c, 1);
  return cublasDestroy(handle);
}
)";

TEST(HeadersAgree, HostCodeThatCallsCublasCompilesWithEither) {
  auto toolkit = frontend::findToolkit();
  for (auto headers : {frontend::CudaHeaders::Builtin, frontend::CudaHeaders::Toolkit}) {
    if (headers == frontend::CudaHeaders::Toolkit && !(toolkit && std::filesystem::exists(toolkit->path + "/include/cublas_api.h")))
      GTEST_SKIP() << "no cuBLAS on this machine: nothing to compare with";
    frontend::CompileOptions options;
    options.headers = headers;
    auto module = frontend::compileSource("cublas.cu", kCublas, options);
    ASSERT_TRUE(module) << module.error().message;
    const auto left_out = frontend::leftOut(*module);
    EXPECT_TRUE(left_out.empty()) << (headers == frontend::CudaHeaders::Builtin ? "built-in: " : "toolkit: ") << left_out[0].why;
  }
}

} // namespace
} // namespace kverify::simt::test
