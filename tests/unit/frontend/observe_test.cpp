// Host code is run on the CPU: what it launches is compared with what following it says, and caught where it can't be followed.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/host/term.h"
#include "frontend/observe/observe.h"

namespace kverify::frontend::observe {
namespace {

using host::HostFacts;
using host::HostPath;
using testing::HasSubstr;

std::vector<PathRuns> runPaths(const HostFacts& facts) { return runHostCode(facts).paths; }

class ObserveTest : public testing::Test {
protected:
  void SetUp() override {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '_');
    folder_ = std::filesystem::temp_directory_path() / ("kverify_observe_" + name);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  HostFacts factsOf(const std::string& text) const {
    std::string path = (folder_ / "k.cu").string();
    std::ofstream(path) << text;
    auto facts = host::hostFactsOf(path, {.headers = CudaHeaders::Builtin});
    EXPECT_TRUE(facts) << facts.error().message;
    return facts ? std::move(*facts) : HostFacts{};
  }
  /// Of the only path.
  PathRuns runsOf(const std::string& text) const {
    HostFacts facts = factsOf(text);
    EXPECT_EQ(facts.paths.size(), 1u);
    return facts.paths.size() == 1 ? runPaths(facts)[0] : PathRuns{};
  }

private:
  std::filesystem::path folder_;
};

constexpr const char* kKernel = R"(#include <torch/extension.h>
__global__ void k(const float* x, float* y, float f, int n) {}
)";

constexpr const char* kWrapper = R"(#include <torch/extension.h>
template <int D> __global__ void other(const float* x, float* y, float f, int n) {}
__global__ void k(const float* x, float* y, float f, int n) {}
torch::Tensor run(torch::Tensor x, double scale) {
  TORCH_CHECK(x.is_cuda() && x.dim() == 2, "a matrix on the device");
  int n = x.size(0), m = x.size(1);
  auto y = torch::empty({m, n}, x.options());
  dim3 block(32, 4);
  k<<<dim3((n + 31) / 32, m), block, 4 * m>>>(x.data_ptr<float>() + n, y.data_ptr<float>(), 1 / sqrtf(m), n * m);
  return y;
}
)";

TEST_F(ObserveTest, AWrapperLaunchesWhatFollowingItSays) {
  PathRuns runs = runsOf(kWrapper);
  EXPECT_EQ(runs.difference, "");
  EXPECT_EQ(runs.not_run, "");
  EXPECT_EQ(runs.agreed, 3u);
  // grid, block and shared memory: 7; two pointers with offset and size: 6; two numbers
  EXPECT_EQ(runs.compared, 3u * 15);
}

struct Lie {
  const char* name;
  const char* told; ///< part of the difference
  std::function<void(HostPath&)> tell;
};

class ALieTest : public ObserveTest, public testing::WithParamInterface<Lie> {};

TEST_P(ALieTest, IsFoundByARun) {
  HostFacts facts = factsOf(kWrapper);
  ASSERT_EQ(facts.paths.size(), 1u);
  GetParam().tell(facts.paths[0]);
  PathRuns runs = runPaths(facts)[0];
  EXPECT_EQ(runs.agreed, 0u);
  EXPECT_THAT(runs.difference, HasSubstr(GetParam().told));
  ASSERT_EQ(runs.seen.size(), 3u) << "what was seen takes its place";
  EXPECT_EQ(runs.seen[0].launches[0].kernel, "k");
}

const Lie kLies[] = {
    {"Grid", "the grid's x of k (line 9)", [](HostPath& path) { path.launches[0].grid[0] = host::number(77); }},
    {"Block", "the block's y", [](HostPath& path) { path.launches[0].block[1] = host::number(8); }},
    {"Shared", "the dynamic shared memory", [](HostPath& path) { path.launches[0].shared = host::number(16); }},
    {"Integer", "'n' of k", [](HostPath& path) { path.launches[0].args[3].term = host::number(-1); }},
    {"Real", "'f' of k", [](HostPath& path) { path.launches[0].args[2].term = nullptr, path.launches[0].args[2].real = 3; }},
    {"Offset", "the offset of 'x'", [](HostPath& path) { path.launches[0].args[0].term = nullptr; }},
    {"WhichTensor", "'y' of k", [](HostPath& path) { path.launches[0].args[1].tensor = path.launches[0].args[0].tensor; }},
    {"Swapped", "by following and memory of", [](HostPath& path) { std::swap(path.launches[0].args[0].tensor, path.launches[0].args[1].tensor); }},
    {"Extent", "'y' has", [](HostPath& path) { path.tensors[1].shape[0] = host::number(100000); }},
    {"Kernel", "launches other<4> by following and k in the run", [](HostPath& path) { path.launches[0].kernel = "other<4>"; }},
    {"Twice", "2 launches by following and 1 in the run", [](HostPath& path) { path.launches.push_back(path.launches[0]); }},
};
INSTANTIATE_TEST_SUITE_P(All, ALieTest, testing::ValuesIn(kLies), [](const auto& lie) { return std::string(lie.param.name); });

TEST_F(ObserveTest, EveryWayIsRunWithWhatLeadsThere) {
  HostFacts facts = factsOf(std::string(kKernel) + R"(template <int D> __global__ void d(const float* x, int n) {}
void run(torch::Tensor x, torch::Tensor bias, int64_t kind) {
  int n = x.numel();
  if (kind == 0)
    k<<<n, 32>>>(x.data_ptr<float>(), x.data_ptr<float>(), 1, n);
  else if (bias.defined() && bias.numel() > 0)
    d<1><<<n, 64>>>(bias.data_ptr<float>(), n);
  else
    d<0><<<n, 128>>>(x.data_ptr<float>(), n);
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}
)");
  ASSERT_EQ(facts.paths.size(), 3u);
  for (const PathRuns& runs : runPaths(facts))
    EXPECT_EQ(runs.agreed, 3u) << runs.difference << runs.not_run;
}

TEST_F(ObserveTest, WhatIsNotModelledIsNamed) {
  PathRuns runs = runsOf(std::string(kKernel) + R"(extern int chosen();
void run(torch::Tensor x) {
  auto y = torch::empty_like(x);
  int unused = chosen();
  k<<<1, 32>>>(x.data_ptr<float>(), y.data_ptr<float>(), 1, x.numel());
}
)");
  EXPECT_EQ(runs.agreed, 0u);
  EXPECT_THAT(runs.not_run, HasSubstr("chosen()"));
}

TEST_F(ObserveTest, DeviceMemoryIsNotTheHosts) {
  HostRuns runs = runHostCode(factsOf(std::string(kKernel) + R"(#include <vector>
void run(torch::Tensor x) {
  std::vector<float> first = {x.data_ptr<float>()[0]};
  for (float one : first)
    k<<<1, 32>>>(x.data_ptr<float>(), x.data_ptr<float>(), one, x.numel());
}
)"));
  EXPECT_TRUE(runs.seen.empty());
  ASSERT_EQ(runs.not_run.size(), 1u);
  EXPECT_THAT(runs.not_run[0].what, HasSubstr("reads or writes device memory"));
}

TEST_F(ObserveTest, AnExceptionIsARefusal) {
  HostFacts facts = factsOf(std::string(kKernel) + R"(#include <stdexcept>
#include <vector>
void run(torch::Tensor x) {
  std::vector<int> parts = {0};
  for (int part : parts) {
    if (part == 0) throw std::runtime_error("no parts");
    k<<<1, 32>>>(x.data_ptr<float>(), x.data_ptr<float>(), 1, x.numel());
  }
}
)");
  HostRuns runs = runHostCode(facts);
  EXPECT_TRUE(runs.seen.empty());
  ASSERT_EQ(runs.not_run.size(), 1u);
  EXPECT_THAT(runs.not_run[0].what, HasSubstr("no parts"));
}

TEST_F(ObserveTest, LaunchesBeforeWhatIsNotModelledAccuseOfNothingThatLaterOnesMend) {
  HostRuns runs = runHostCode(factsOf(std::string(kKernel) + R"(#include <vector>
extern int chosen();
void run(torch::Tensor x) {
  TORCH_CHECK(x.dim() == 1);
  auto y = torch::empty_like(x);
  std::vector<int> halves = {0, 1};
  for (int half : halves) {
    k<<<1, 32>>>(x.data_ptr<float>(), y.data_ptr<float>(), half, x.numel());
    chosen();
  }
}
)"));
  ASSERT_FALSE(runs.seen.empty());
  EXPECT_EQ(runs.seen[0].launches.size(), 1u);
  ASSERT_FALSE(runs.seen[0].guesses.empty());
  EXPECT_THAT(runs.seen[0].guesses.back().text, HasSubstr("chosen()"));
  EXPECT_EQ(runs.seen[0].guesses.back().about, host::Guess::About::Relation);
}

constexpr const char* kLoopOverData = R"(#include <vector>
void run(torch::Tensor x) {
  TORCH_CHECK(x.dim() == 1);
  int n = x.size(0);
  auto y = torch::zeros({n + 1}, x.options());
  std::vector<int> steps;
  for (int s = 1; s < n; s *= 2) steps.push_back(s);
  for (int s : steps)
    k<<<(n + 31) / 32, 32>>>(x.data_ptr<float>(), y.data_ptr<float>() + 1, 0.5f * s, n - s);
}
)";

TEST_F(ObserveTest, LaunchesInALoopOverDataAreCaught) {
  HostFacts facts = factsOf(std::string(kKernel) + kLoopOverData);
  ASSERT_TRUE(facts.paths.empty()) << "following does not know what a vector holds";
  HostRuns runs = runHostCode(facts);
  ASSERT_FALSE(runs.seen.empty()) << (runs.not_run.empty() ? "" : runs.not_run[0].what);
  for (const HostPath& path : runs.seen) {
    ASSERT_EQ(path.tensors.size(), 2u);
    auto n = host::constantOf(path.tensors[0].shape[0]);
    ASSERT_TRUE(n);
    EXPECT_EQ(host::constantOf(path.tensors[1].shape[0]), *n + 1);
    EXPECT_EQ(path.tensors[0].access, "read");
    EXPECT_EQ(path.tensors[1].access, "read_write") << "zeros are there before the launch";
    std::int64_t step = 1;
    for (const host::HostLaunch& launch : path.launches) {
      EXPECT_EQ(launch.kernel, "k");
      EXPECT_EQ(host::constantOf(launch.grid[0]), (*n + 31) / 32);
      EXPECT_EQ(host::constantOf(launch.args[1].term), 1);
      EXPECT_EQ(launch.args[2].real, 0.5 * static_cast<double>(step));
      EXPECT_EQ(host::constantOf(launch.args[3].term), *n - step);
      step *= 2;
    }
    EXPECT_GE(step, *n);
  }
}

TEST_F(ObserveTest, AnInputThatNobodyNamesTheTypeOfHasTheKernels) {
  HostRuns runs = runHostCode(factsOf(R"(#include <torch/extension.h>
#include <vector>
__global__ void h(const __half* x, __half* y, float f) {}
void run(torch::Tensor x) {
  TORCH_CHECK(x.dim() == 1);
  auto y = torch::empty_like(x);
  std::vector<float> factors = {c10::Half(0.3f)};
  for (float factor : factors)
    h<<<x.size(0), 32>>>(static_cast<const __half*>(x.data_ptr()), static_cast<__half*>(y.data_ptr()), factor);
}
)"));
  ASSERT_FALSE(runs.seen.empty()) << (runs.not_run.empty() ? "" : runs.not_run[0].what);
  for (const host::HostTensor& tensor : runs.seen[0].tensors) {
    EXPECT_EQ(tensor.dtype, "f16");
    EXPECT_EQ(host::constantOf(tensor.shape[0]), host::constantOf(runs.seen[0].launches[0].grid[0])) << "as many halves as it has elements";
  }
  EXPECT_EQ(runs.seen[0].launches[0].args[2].real, 1229.0 / 4096) << "rounded to a half on the way";
}

TEST_F(ObserveTest, ARunCanDoNothingButCompute) {
  // Asked of the kernel itself, past every list of symbols: open, socket, fork, kill, execve; alarm, rt_sigaction and rt_sigprocmask, which would put off its end. 38 is ENOSYS.
  HostFacts facts = factsOf(std::string(kKernel) + R"(#include <vector>
static long ask(long call, long a, long b, long c) {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(call), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}
void run(torch::Tensor x) {
  TORCH_CHECK(x.dim() == 1);
  std::vector<long> calls = {2, 41, 57, 62, 59, 37, 13, 14};
  for (long call : calls)
    k<<<-ask(call, 0, 0, 0), 32>>>(x.data_ptr<float>(), x.data_ptr<float>(), 1, x.size(0));
}
)");
  HostRuns runs = runHostCode(facts);
  ASSERT_FALSE(runs.seen.empty()) << (runs.not_run.empty() ? "" : runs.not_run[0].what);
  ASSERT_EQ(runs.seen[0].launches.size(), 8u);
  for (const host::HostLaunch& launch : runs.seen[0].launches)
    EXPECT_EQ(host::constantOf(launch.grid[0]), 38);
}

TEST_F(ObserveTest, WhatEndsNeverIsCutOff) {
  PathRuns runs = runsOf(std::string(kKernel) + R"(static int spin(int n) {
  volatile int i = 0;
  while (i < 1) n += i;
  return n;
}
void run(torch::Tensor x) {
  int unused = spin(3);
  k<<<1, 32>>>(x.data_ptr<float>(), x.data_ptr<float>(), 1, x.numel());
}
)");
  EXPECT_EQ(runs.agreed, 0u);
  EXPECT_THAT(runs.not_run, HasSubstr("did not end in time"));
}

TEST_F(ObserveTest, NumbersOfTwoBytesAreReadInTheirOwnFormat) {
  constexpr const char* kHalves = R"(#include <torch/extension.h>
__global__ void k(c10::Half* y, c10::Half a, c10::BFloat16 b) {}
void run(torch::Tensor y) { k<<<1, 32>>>(y.data_ptr<c10::Half>(), 0.3, 1.7); }
)";
  HostFacts facts = factsOf(kHalves);
  ASSERT_EQ(facts.paths.size(), 1u);
  HostPath& path = facts.paths[0];
  ASSERT_EQ(path.launches.at(0).args.size(), 3u);
  EXPECT_EQ(runPaths(facts)[0].agreed, 1u) << runPaths(facts)[0].difference;
  path.launches[0].args[1].real = 1.7, path.launches[0].args[2].real = 0.3;
  path.facts.clear(); // nothing of it is a guess
  EXPECT_THAT(runPaths(facts)[0].difference, HasSubstr("1.7 by following and 0.3"));
}

TEST_F(ObserveTest, WhatCublasWritesIsInitialisedAndNobodysChoice) {
  constexpr const char* kProduct = R"(#include <torch/extension.h>
#include <cublas_v2.h>
__global__ void relu(float* y, int n) {}
torch::Tensor run(torch::Tensor a, torch::Tensor b) {
  TORCH_CHECK(a.dim() == 2 && b.dim() == 2 && a.size(1) == b.size(0));
  int m = a.size(0), k = a.size(1), n = b.size(1);
  auto c = torch::empty({m, n}, a.options());
  cublasHandle_t handle;
  if (cublasCreate(&handle) != CUBLAS_STATUS_SUCCESS)
    return c;
  const float alpha = 1, beta = 0;
  cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, &alpha, b.data_ptr<float>(), n, a.data_ptr<float>(), k, &beta,
              c.data_ptr<float>(), n);
  relu<<<(m * n + 255) / 256, 256>>>(c.data_ptr<float>(), m * n);
  cublasDestroy(handle);
  return c;
}
)";
  HostFacts facts = factsOf(kProduct);
  ASSERT_EQ(facts.paths.size(), 1u);
  ASSERT_EQ(facts.paths[0].tensors.size(), 1u);
  EXPECT_EQ(facts.paths[0].tensors[0].access, "read_write") << "the kernel reads what the product left there";
  PathRuns runs = runPaths(facts)[0];
  EXPECT_EQ(runs.agreed, 3u) << runs.difference << runs.not_run;
}

TEST_F(ObserveTest, ListsOfNumbersAreGiven) {
  for (const char* list : {"std::vector<int64_t>", "at::IntArrayRef", "const std::vector<int>&", "std::array<int64_t, 2>"}) {
    PathRuns runs = runsOf(std::string("#include <torch/extension.h>\n#include <array>\n"
                                       "__global__ void k(const float* x, float* y, int s, int p) {}\n"
                                       "torch::Tensor run(torch::Tensor x, ") +
                           list + R"( stride, torch::IntArrayRef padding) {
  TORCH_CHECK(x.dim() == 2 && padding.size() == 2, "one for each dimension");
  int h = (x.size(0) + 2 * padding[0]) / stride[0] + 1, w = (x.size(1) + 2 * padding.at(1)) / stride[1] + 1;
  auto y = torch::empty({h, w}, x.options());
  k<<<h, w>>>(x.data_ptr<float>(), y.data_ptr<float>(), stride[1], padding[0]);
  return y;
}
)");
    EXPECT_EQ(runs.agreed, 3u) << list << runs.difference << runs.not_run;
  }
}

TEST_F(ObserveTest, FlagsOfOptionalTensorsAreWhatTheWayTook) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
__global__ void k(const float* x, const float* bias, bool biased, int typed) {}
void run(torch::Tensor x, c10::optional<torch::Tensor> bias) {
  bool biased = bias.has_value();
  const float* pointer = nullptr;
  if (biased)
    pointer = bias.value().data_ptr<float>();
  k<<<1, 32>>>(x.data_ptr<float>(), pointer, biased, x.scalar_type() == at::kFloat);
}
)");
  ASSERT_EQ(facts.paths.size(), 2u);
  std::vector<std::int64_t> flags;
  for (const HostPath& path : facts.paths) {
    flags.push_back(host::constantOf(path.launches.at(0).args.at(2).term).value_or(-1));
    EXPECT_EQ(host::constantOf(path.launches[0].args.at(3).term), 1);
  }
  EXPECT_THAT(flags, testing::UnorderedElementsAre(0, 1));
  for (const PathRuns& runs : runPaths(facts))
    EXPECT_EQ(runs.agreed, 1u) << runs.difference << runs.not_run;
}

TEST_F(ObserveTest, APartOfATensorBeginsWhereItDoes) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
__global__ void k(const float* x, float* y, int n) {}
torch::Tensor run(torch::Tensor x) {
  int b = x.size(0), c = x.size(1), n = x.size(2);
  TORCH_CHECK(b > 2 && c > 1);
  auto y = torch::empty({b, c, n}, x.options());
  auto part = x[2], row = y[2][-1];
  k<<<c, 32>>>(part.data_ptr<float>(), row.data_ptr<float>(), part.numel() + row.size(0));
  y.fill_(0);
  return y;
}
)");
  ASSERT_EQ(facts.paths.size(), 1u);
  PathRuns runs = runPaths(facts)[0];
  EXPECT_EQ(runs.agreed, 3u) << runs.difference << runs.not_run;
  const auto& args = facts.paths[0].launches.at(0).args;
  EXPECT_EQ(host::textOf(args.at(0).term), "x_1 * x_2 * 2") << "counted in elements of x";
  EXPECT_EQ(facts.paths[0].tensors.at(args[0].tensor).name, "x");
}

TEST_F(ObserveTest, AnInputMayBeEmpty) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
__global__ void k(const float* x, const float* bias) {}
void run(torch::Tensor x, torch::Tensor bias) {
  k<<<1, 32>>>(x.data_ptr<float>(), bias.numel() > 0 ? bias.data_ptr<float>() : nullptr);
}
)");
  ASSERT_EQ(facts.paths.size(), 2u);
  for (const PathRuns& runs : runPaths(facts))
    EXPECT_EQ(runs.agreed, 1u) << runs.difference << runs.not_run;
}

TEST_F(ObserveTest, AccessorsOptionalTensorsAndPlainCudaAreComparedToo) {
  PathRuns accessor = runsOf(R"(#include <torch/extension.h>
__global__ void a(torch::PackedTensorAccessor32<float, 2> x, const float* bias) {}
void run(torch::Tensor x, std::optional<torch::Tensor> bias) {
  TORCH_CHECK(!bias.has_value());
  a<<<x.size(0), 64>>>(x.packed_accessor32<float, 2>(), nullptr);
}
)");
  EXPECT_EQ(accessor.agreed, 3u) << accessor.difference << accessor.not_run;
  PathRuns plain = runsOf(R"(__global__ void p(float* x, int n) {}
void launch(float* x, int n) {
  float* temporary;
  cudaMalloc(&temporary, n * sizeof(float));
  cudaMemset(temporary, 0, n * sizeof(float));
  p<<<n, 32>>>(temporary, n);
  p<<<n, 32>>>(x, n);
  cudaFree(temporary);
}
)");
  EXPECT_EQ(plain.agreed, 3u) << plain.difference << plain.not_run;
}

} // namespace
} // namespace kverify::frontend::observe
