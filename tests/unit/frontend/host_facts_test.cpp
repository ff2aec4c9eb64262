// What the host code around a launch says: torch wrappers, plain CUDA, ladders of alternatives, and what it does not say.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/host/facts.h"
#include "frontend/host/recognise.h"
#include "frontend/host/term.h"
#include "kverify/contract.h"

namespace kverify::frontend::host {
namespace {

using testing::HasSubstr;
using testing::Not;

class HostFactsTest : public testing::Test {
protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("kverify_host_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  HostFacts factsOf(const std::string& text) {
    std::string path = (folder_ / "k.cu").string();
    std::ofstream(path) << text;
    auto facts = hostFactsOf(path, {.headers = CudaHeaders::Builtin});
    EXPECT_TRUE(facts) << facts.error().message;
    return facts ? std::move(*facts) : HostFacts{};
  }
  /// The only way; its contract must be one that loads.
  HostPath pathOf(const std::string& text) {
    HostFacts facts = factsOf(text);
    EXPECT_EQ(facts.paths.size(), 1u) << (facts.missing.empty() ? "" : facts.missing[0].what);
    if (facts.paths.empty())
      return {};
    std::string contract = contractText(facts.paths[0], "k.cu");
    auto loaded = parseContract("contract.json", contract);
    EXPECT_TRUE(loaded) << loaded.error().place << ": " << loaded.error().message << "\n" << contract;
    return facts.paths[0];
  }

private:
  std::filesystem::path folder_;
};

std::string shapeOf(const HostTensor& tensor) {
  std::string text;
  for (const Term& size : tensor.shape)
    text += (text.empty() ? "" : ", ") + textOf(size);
  return text;
}

bool guesses(const HostPath& path, Guess::About about, const std::string& text = "") {
  for (const Guess& guess : path.guesses)
    if (guess.about == about && guess.text.find(text) != std::string::npos)
      return true;
  return false;
}

constexpr const char* kScale = R"(#include <torch/extension.h>
__global__ void scale(const float* x, float* y, float f, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = f * x[i];
}
)";

TEST_F(HostFactsTest, AnElementwiseWrapperIsKnownInFull) {
  HostPath path = pathOf(std::string(kScale) + R"(torch::Tensor run(torch::Tensor x, double f) {
  auto n = x.numel();
  auto y = torch::empty_like(x);
  const int threads = 256;
  const int blocks = (n + threads - 1) / threads;
  scale<<<blocks, threads>>>(x.data_ptr<float>(), y.data_ptr<float>(), f, n);
  return y;
}
)");
  ASSERT_EQ(path.launches.size(), 1u);
  const HostLaunch& launch = path.launches[0];
  EXPECT_EQ(path.entry, "run");
  EXPECT_EQ(launch.kernel, "scale");
  EXPECT_EQ(launch.line, 11u);
  EXPECT_EQ(textOf(launch.grid[0]), "ceildiv(x_numel, 256)");
  EXPECT_EQ(textOf(launch.block[0]), "256");
  ASSERT_EQ(path.tensors.size(), 2u);
  EXPECT_EQ(shapeOf(path.tensors[1]), "x_numel");
  EXPECT_EQ(path.tensors[0].access, "read");
  EXPECT_EQ(path.tensors[1].access, "write");
  EXPECT_EQ(textOf(launch.args[3].term), "x_numel");
  EXPECT_TRUE(path.guesses.empty()) << path.guesses[0].text;
}

TEST_F(HostFactsTest, AskingForTheLaunchsErrorEndsNothing) {
  for (const char* check : {"C10_CUDA_KERNEL_LAUNCH_CHECK();", "AT_CUDA_CHECK(cudaGetLastError());", "C10_CUDA_CHECK(cudaGetLastError());",
                            "cudaError_t e = cudaGetLastError(); TORCH_CHECK(e == cudaSuccess, cudaGetErrorString(e));",
                            "if (cudaGetLastError() != cudaSuccess) throw 1;"}) {
    SCOPED_TRACE(check);
    HostPath path = pathOf(std::string(kScale) + R"(void run(torch::Tensor x, torch::Tensor y) {
  AT_CUDA_CHECK(cudaSetDevice(0));
  scale<<<(x.numel() + 255) / 256, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), 2, x.numel());
  )" + check + "\n}\n");
    EXPECT_EQ(path.launches.size(), 1u);
  }
}

TEST_F(HostFactsTest, AnAssertionIsARequirementAndWaysThatContradictItAreNone) {
  HostPath path = pathOf(std::string("#include <cassert>\n") + kScale + R"(static int ceiling(int a, int b) { return (a % b != 0) ? (a / b + 1) : (a / b); }
void run(torch::Tensor x, torch::Tensor y) {
  int n = x.size(0);
  assert(n % 64 == 0);
  scale<<<ceiling(n, 64), 64>>>(x.data_ptr<float>(), y.data_ptr<float>(), 2, n);
}
)");
  ASSERT_EQ(path.launches.size(), 1u);
  EXPECT_EQ(textOf(path.launches[0].grid[0]), "x_0 / 64");
  ASSERT_FALSE(path.requirements.empty());
  EXPECT_EQ(textOf(path.requirements[0]), "x_0 % 64 == 0");
}

TEST_F(HostFactsTest, ShapesFollowSizesChecksAndAllocations) {
  HostPath path = pathOf(R"(#include <torch/extension.h>
__global__ void mm(const float* a, const float* b, float* c, int m, int n, int k) {}
torch::Tensor run(torch::Tensor a, torch::Tensor b) {
  TORCH_CHECK(a.dim() == 2 && b.dim() == 2, "matrices");
  TORCH_CHECK(a.size(1) == b.size(0));
  int m = a.size(0), k = a.size(1), n = b.size(1);
  auto c = torch::zeros({m, n}, a.options());
  dim3 block(16, 16);
  dim3 grid((n + 15) / 16, (m + block.y - 1) / block.y);
  mm<<<grid, block>>>(a.data_ptr<float>(), b.data_ptr<float>(), c.data_ptr<float>(), m, n, k);
  return c;
}
)");
  ASSERT_EQ(path.tensors.size(), 3u);
  EXPECT_EQ(shapeOf(path.tensors[0]), "a_0, b_0");
  EXPECT_EQ(shapeOf(path.tensors[1]), "b_0, b_1");
  EXPECT_EQ(shapeOf(path.tensors[2]), "a_0, b_1");
  EXPECT_EQ(path.tensors[2].access, "read_write") << "zeros are there before the launch";
  EXPECT_EQ(textOf(path.launches[0].grid[1]), "ceildiv(a_0, 16)");
  EXPECT_FALSE(guesses(path, Guess::About::Extents)) << "every size is looked at";
}

TEST_F(HostFactsTest, WhatNothingIsSaidAboutIsAGuess) {
  HostPath path = pathOf(R"(#include <torch/extension.h>
__global__ void bias(const float* x, const float* b, float* y, int rows, int n) {}
torch::Tensor run(torch::Tensor x, torch::Tensor b, int64_t groups) {
  TORCH_CHECK(x.dim() == 2);
  auto y = torch::empty_like(x);
  bias<<<x.size(0), 128>>>(x.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>(), x.size(0), x.size(1) / groups);
  return y;
}
)");
  EXPECT_TRUE(guesses(path, Guess::About::Extents, "'b'"));
  EXPECT_TRUE(guesses(path, Guess::About::Values, "groups"));
  for (const HostTensor& tensor : path.tensors)
    EXPECT_EQ(tensor.certainty == Certainty::Guessed, tensor.name == "b") << tensor.name;
}

TEST_F(HostFactsTest, AMatrixOfWhichOneSizeIsAskedIsNotTakenForAVector) {
  HostPath path = pathOf(R"(#include <torch/extension.h>
__global__ void square(const float* a, float* y, int n) {}
torch::Tensor run(torch::Tensor a) {
  int n = a.size(0);
  auto y = torch::zeros({n, n}, a.options());
  square<<<n, n>>>(a.data_ptr<float>(), y.data_ptr<float>(), n);
  return y;
}
)");
  ASSERT_EQ(path.tensors.size(), 2u);
  EXPECT_EQ(shapeOf(path.tensors[0]), "a_0, a_1");
  EXPECT_TRUE(guesses(path, Guess::About::Extents, "'a'"));
  EXPECT_EQ(path.tensors[1].certainty, Certainty::Derived) << "an allocation's shape is what it says";
}

TEST_F(HostFactsTest, SizesOfTwoInputsThatNothingRelatesAreSaid) {
  HostPath path = pathOf(R"(#include <torch/extension.h>
__global__ void add(const float* a, const float* b, float* y, int n, int m) {}
void run(torch::Tensor a, torch::Tensor b, torch::Tensor y) {
  TORCH_CHECK(y.sizes() == a.sizes());
  add<<<1, 32>>>(a.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>(), a.numel(), b.numel());
}
)");
  EXPECT_TRUE(guesses(path, Guess::About::Relation, "'a' and 'b'"));
  ASSERT_EQ(path.tensors.size(), 3u);
  EXPECT_EQ(shapeOf(path.tensors[2]), shapeOf(path.tensors[0])) << "the check ties them";
}

TEST_F(HostFactsTest, LaddersAreAlternativesAndEarlyReturnsAreRequirements) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
template <int D> __global__ void k(const float* x, int n) { }
void run(torch::Tensor x) {
  int n = x.size(0);
  if (n == 0) return;
  switch (x.size(1)) {
  case 32: k<32><<<n, 32>>>(x.data_ptr<float>(), n); break;
  case 64: k<64><<<n, 64>>>(x.data_ptr<float>(), n); break;
  default: TORCH_CHECK(false, "head size");
  }
}
)");
  ASSERT_EQ(facts.paths.size(), 2u);
  EXPECT_EQ(facts.paths[0].launches[0].kernel, "k<32>");
  EXPECT_EQ(facts.paths[1].launches[0].kernel, "k<64>");
  EXPECT_EQ(shapeOf(facts.paths[1].tensors[0]), "x_0, 64");
  EXPECT_THAT(facts.paths[1].way, HasSubstr("64"));
  ASSERT_FALSE(facts.paths[0].requirements.empty());
  EXPECT_EQ(textOf(facts.paths[0].requirements[0]), "x_0 >= 1") << "the grid's; that x is not empty is no question";
}

TEST_F(HostFactsTest, AnAxisIsAlsoWhatTheCodeInsistsOn) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
__global__ void k(const float* x, int n) { }
void run(torch::Tensor x, int64_t dim) {
  TORCH_CHECK(x.dim() == 3 && dim == 2, "the last");
  k<<<x.size(0), 32>>>(x.data_ptr<float>(), x.size(dim));
}
)");
  ASSERT_EQ(facts.paths.size(), 1u) << "the others are refused";
  EXPECT_EQ(textOf(facts.paths[0].launches.at(0).args.at(1).term), "x_2");
}

TEST_F(HostFactsTest, WholeTensorsBeginAligned) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
__global__ void vector(const float4* x, float4* y, int n) { }
__global__ void scalar(const float* x, float* y, int n) { }
void run(torch::Tensor x) {
  auto y = torch::empty_like(x);
  int n = x.numel();
  auto xp = reinterpret_cast<uintptr_t>(x.data_ptr<float>());
  const float* from = x.data_ptr<float>();
  float* to = y.data_ptr<float>();
  bool whole = ((xp | (uintptr_t)to) & 15) == 0 && (uintptr_t)from % 16 == 0;
  if (whole && (n & 3) == 0)
    vector<<<(n / 4 + 255) / 256, 256>>>((const float4*)from, (float4*)to, n / 4);
  else
    scalar<<<(n + 255) / 256, 256>>>(from, to, n);
}
)");
  ASSERT_EQ(facts.paths.size(), 2u);
  EXPECT_EQ(facts.paths[0].launches[0].kernel, "vector");
  EXPECT_EQ(facts.paths[1].launches[0].kernel, "scalar");
  EXPECT_FALSE(guesses(facts.paths[0], Guess::About::Values));
  auto says = [](const HostPath& path, const std::string& text) {
    return std::any_of(path.facts.begin(), path.facts.end(), [&](const Fact& fact) { return fact.text == text && fact.certainty == Certainty::Assumed; });
  };
  EXPECT_TRUE(says(facts.paths[0], "'x' begins at a 16-byte boundary"));
}

TEST_F(HostFactsTest, APointerInAConditionIsDecidedByItsOtherSide) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
__global__ void with(const float* x) { }
__global__ void without(const float* x) { }
template <bool Biased> void go(torch::Tensor x) {
  const float* pointer = x.data_ptr<float>();
  if (pointer && Biased)
    with<<<1, 32>>>(pointer);
  else
    without<<<1, 32>>>(pointer);
}
void run(torch::Tensor x) { go<false>(x); }
)");
  ASSERT_EQ(facts.paths.size(), 1u);
  EXPECT_EQ(facts.paths[0].launches.at(0).kernel, "without");
}

TEST_F(HostFactsTest, WhatNobodyWroteIsReadAndTold) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
__global__ void sum(const float* x, float* sums) { }
__global__ void apply(const float* x, const float* sums, float* y) { }
void run(torch::Tensor x, bool training, double dropout_p) {
  auto sums = torch::empty({x.size(0)}, x.options());
  auto y = torch::empty_like(x);
  if (training)
    sum<<<x.size(0), 32>>>(x.data_ptr<float>(), sums.data_ptr<float>());
  apply<<<x.size(0), 32>>>(x.data_ptr<float>(), sums.data_ptr<float>(), y.data_ptr<float>());
}
)");
  ASSERT_EQ(facts.paths.size(), 2u);
  EXPECT_FALSE(guesses(facts.paths[0], Guess::About::Coverage));
  EXPECT_TRUE(guesses(facts.paths[1], Guess::About::Coverage, "'sums' has no contents"));
}

TEST_F(HostFactsTest, ContentsThatComeAfterALaunchAreNoneAtIt) {
  constexpr const char* kFilled = R"(#include <torch/extension.h>
__global__ void k(const float* x, float* y) { }
void run(torch::Tensor x) {
  auto y = torch::empty_like(x);
  /*before*/
  k<<<x.numel(), 32>>>(x.data_ptr<float>(), y.data_ptr<float>());
  /*after*/
}
)";
  auto with = [&](const std::string& place, const std::string& call) {
    std::string text = kFilled;
    return factsOf(text.replace(text.find(place), place.size(), call)).paths.at(0);
  };
  HostPath before = with("/*before*/", "y.fill_(1);"), after = with("/*after*/", "y.zero_();"), part = with("/*before*/", "y[0].fill_(1);");
  EXPECT_EQ(before.tensors.at(1).access, "read_write");
  EXPECT_FALSE(guesses(before, Guess::About::Coverage));
  EXPECT_TRUE(guesses(after, Guess::About::Coverage, "only after a launch"));
  EXPECT_TRUE(guesses(part, Guess::About::Coverage, "a part of 'y'"));
}

TEST_F(HostFactsTest, WhatOnlyAnUnusualInputShowsIsMarked) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
__global__ void k(const float* x, const float* w, float* y, int c, int groups, float scale) { }
void run(torch::Tensor x, torch::Tensor w, int groups, double dropout_p) {
  auto y = torch::empty_like(x);
  int per_group = x.size(1) / groups;
  k<<<(x.numel() + 255) / 256, 256>>>(x.data_ptr<float>(), w.numel() > 0 ? w.data_ptr<float>() : nullptr, y.data_ptr<float>(), per_group, groups,
                                      1.0f / (1.0f - dropout_p));
}
)");
  ASSERT_EQ(facts.paths.size(), 2u);
  const HostPath& path = facts.paths[0];
  EXPECT_TRUE(guesses(path, Guess::About::Extents, "nothing in the host code says how large 'w' is"));
  EXPECT_TRUE(guesses(path, Guess::About::Rank, "'x' has one dimension more"));
  EXPECT_NEAR(path.launches[0].args[5].real, 2, 1e-9) << "of a share of one half";
  EXPECT_TRUE(std::any_of(path.requirements.begin(), path.requirements.end(), [](const Term& term) { return textOf(term) == "x_1 % groups == 0"; }));
}

TEST_F(HostFactsTest, DispatchGivesAnAlternativeForEveryTypeThatCanRun) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
template <class T> __global__ void k(T* x, int n) { }
void run(torch::Tensor x) {
  AT_DISPATCH_FLOATING_TYPES_AND_HALF(x.scalar_type(), "k", [&] { k<scalar_t><<<1, 32>>>(x.data_ptr<scalar_t>(), x.numel()); });
}
)");
  ASSERT_EQ(facts.paths.size(), 2u);
  EXPECT_EQ(facts.paths[0].launches[0].kernel, "k<float>");
  EXPECT_EQ(facts.paths[0].tensors[0].dtype, "f32");
  EXPECT_EQ(facts.paths[1].tensors[0].dtype, "f16");
  EXPECT_THAT(contractText(facts.paths[0], "k.cu"), HasSubstr("elements of Double are not judged (line 4)"));
}

TEST_F(HostFactsTest, APlainMainIsFollowedThroughItsAllocations) {
  HostPath path = pathOf(R"(#include <cstdlib>
__global__ void one(const float* x, float* y, int n) {}
__global__ void two(const float* y, float* z, int n) {}
static void both(const float* x, float* y, int n) {
  one<<<(n + 127) / 128, 128>>>(x, y, n);
  two<<<1, 256, 256 * sizeof(float)>>>(y, y + n, n);
}
int main() {
  int n = 1000;
  size_t bytes = n * sizeof(float);
  float *x, *y;
  float* h = (float*)malloc(bytes);
  cudaMalloc(&x, bytes);
  if (cudaMalloc((void**)&y, 2 * bytes) != cudaSuccess) return 1;
  cudaMemcpy(x, h, bytes, cudaMemcpyHostToDevice);
  both(x, y, n);
  cudaFree(x);
}
)");
  ASSERT_EQ(path.launches.size(), 2u);
  EXPECT_EQ(textOf(path.launches[0].grid[0]), "8");
  EXPECT_EQ(textOf(path.launches[1].shared), "1024");
  EXPECT_EQ(shapeOf(path.tensors[1]), "2000");
  EXPECT_EQ(path.tensors[0].access, "read");
  EXPECT_EQ(path.tensors[1].access, "write");
  EXPECT_EQ(textOf(path.launches[1].args[1].term), "1000") << "an offset in elements";
  EXPECT_TRUE(path.guesses.empty()) << path.guesses[0].text;
}

TEST_F(HostFactsTest, AnAccessorCarriesSizesAndStrides) {
  HostPath path = pathOf(R"(#include <torch/extension.h>
__global__ void k(torch::PackedTensorAccessor32<float, 2> x) {}
void run(torch::Tensor x) { k<<<x.size(0), x.size(1)>>>(x.packed_accessor32<float, 2>()); }
)");
  ASSERT_EQ(path.launches.size(), 1u);
  std::string text = contractText(path, "k.cu");
  EXPECT_THAT(text, HasSubstr(R"("data_":"x")"));
  EXPECT_THAT(text, HasSubstr(R"("sizes_[1]":"x_1")"));
  EXPECT_THAT(text, HasSubstr(R"("strides_[0]":"x_1")"));
  EXPECT_THAT(text, HasSubstr("x_1 <= 1024")) << "no device launches a larger block";
}

TEST_F(HostFactsTest, WhatIsMissingIsNamed) {
  HostFacts facts = factsOf(R"(#include <torch/extension.h>
int pick(int n);
__global__ void k(float* x) {}
void run(torch::Tensor x) {
  int threads = pick(x.numel());
  k<<<1, threads>>>(x.data_ptr<float>());
}
)");
  EXPECT_TRUE(facts.paths.empty());
  ASSERT_EQ(facts.missing.size(), 1u);
  EXPECT_EQ(facts.missing[0].entry, "run");
  EXPECT_THAT(facts.missing[0].what, HasSubstr("the block of k is not known"));
  EXPECT_THAT(facts.missing[0].what, HasSubstr("pick"));
}

constexpr const char* kReduction = R"(#include <torch/extension.h>
__global__ void sum_kernel(const float* x, float* y, int n, int inner, int outer) {}
torch::Tensor sum(torch::Tensor x, int dim) {
  auto sizes = x.sizes();
  int inner = 1, outer = 1;
  for (int i = dim + 1; i < sizes.size(); ++i) inner *= sizes[i];
  for (int i = 0; i < dim; ++i) outer *= sizes[i];
  auto shape = sizes.vec();
  CHANGE
  auto y = torch::zeros(shape, x.options());
  sum_kernel<<<(outer * inner + 255) / 256, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), sizes[dim], inner, outer);
  return y;
})";

std::string reduction(const std::string& change) {
  std::string text = kReduction;
  return text.replace(text.find("CHANGE"), 6, change);
}

TEST_F(HostFactsTest, CodeForAnyNumberOfDimensionsIsFollowedForOne) {
  HostFacts facts = factsOf(reduction("shape[dim] = 1;"));
  ASSERT_EQ(facts.paths.size(), 2u) << "one way for each axis";
  const HostPath& second = facts.paths[1];
  EXPECT_EQ(textOf(second.launches[0].grid[0]), "ceildiv(x_0 * x_2, 256)");
  EXPECT_EQ(textOf(second.launches[0].args[2].term), "x_1");
  ASSERT_EQ(second.tensors.size(), 2u);
  EXPECT_EQ(shapeOf(second.tensors[0]), "x_0, x_1, x_2");
  EXPECT_EQ(shapeOf(second.tensors[1]), "x_0, 1, x_2") << "the list was changed after it was taken from the sizes";
  EXPECT_TRUE(guesses(second, Guess::About::Values, "dim"));
}

TEST_F(HostFactsTest, AChangedListIsNotTheSizesItCameFrom) {
  EXPECT_EQ(shapeOf(factsOf(reduction("shape.erase(shape.begin() + dim);")).paths.at(1).tensors[1]), "x_0, x_2");
  EXPECT_EQ(shapeOf(factsOf(reduction("shape.push_back(4);")).paths.at(0).tensors[1]), "x_0, x_1, x_2, 4");
  HostFacts unknown = factsOf(reduction("shape.insert(shape.end(), 7);"));
  ASSERT_FALSE(unknown.paths.empty());
  EXPECT_TRUE(guesses(unknown.paths[0], Guess::About::Extents, "'y'")) << shapeOf(unknown.paths[0].tensors[1]);
}

TEST_F(HostFactsTest, AWayThatReadsAVariableWithoutAValueIsNone) {
  std::string text = R"(#include <torch/extension.h>
__global__ void k(float* x, int n) {}
void run(torch::Tensor x, int mode) {
  int blocks;
  if (mode == 0) blocks = 1;
  else if (mode == 1) blocks = 2;
  k<<<blocks, 32>>>(x.data_ptr<float>(), x.numel());
})";
  HostFacts facts = factsOf(text);
  EXPECT_EQ(facts.paths.size(), 2u);
  EXPECT_TRUE(facts.missing.empty()) << facts.missing[0].what;
  text.replace(text.find("int blocks;"), 11, "int blocks; cudaDeviceGetAttribute(&blocks, cudaDevAttrMultiProcessorCount, 0);");
  facts = factsOf(text);
  EXPECT_EQ(facts.paths.size(), 3u) << "somebody else gives it a value";
}

TEST_F(HostFactsTest, WhatIsTriedForASizeIsWhatTakesTheWay) {
  // A stride of 0 or less means the window's size: no usual stride takes that way.
  HostFacts facts = factsOf(R"(
#include <torch/extension.h>
__global__ void pool(const float* x, float* y, int n, int size, int stride) {}
torch::Tensor pooled(torch::Tensor x, int kernel_size, int stride) {
  if (stride <= 0) stride = kernel_size;
  int n = x.size(0);
  auto y = torch::empty({n}, x.options());
  pool<<<(n + 255) / 256, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), n, kernel_size, stride);
  return y;
})");
  ASSERT_EQ(facts.paths.size(), 2u);
  for (const HostPath& path : facts.paths)
    for (const HostSize& size : path.sizes)
      if (size.name == "stride") {
        EXPECT_EQ(path.way.find("not:") == std::string::npos, size.high <= 0) << path.way;
        EXPECT_LE(size.low, size.high);
      }
  // An axis is 0 or 1 by its name; where 0 leaves nothing to launch, nobody goes that way.
  HostPath width = pathOf(R"(
#include <torch/extension.h>
__global__ void copy(const float* x, float* y, int n) {}
torch::Tensor copied(torch::Tensor x, int dim) {
  auto y = torch::zeros({x.size(0), dim}, x.options());
  copy<<<(x.size(0) * dim + 255) / 256, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), dim);
  return y;
})");
  EXPECT_THAT(width.way, testing::StartsWith("dim == 1"));
}

TEST_F(HostFactsTest, RealArgumentsAreFormulasAndTuplesHaveParts) {
  HostPath path = pathOf(R"(#include <torch/extension.h>
__global__ void k(const float* x, float scale, float half, float part, int stride) {}
void run(torch::Tensor x, std::tuple<int, int> stride) {
  const auto [rows, columns] = stride;
  int d = x.size(1);
  k<<<x.size(0), 32>>>(x.data_ptr<float>(), 1.0f / sqrtf(d), 0.5f * d, (d / 2) * 1.5f, rows + std::get<1>(stride));
})");
  const auto& args = path.launches.at(0).args;
  EXPECT_EQ(textOf(args[1].term), "1.0 / sqrt(x_1)");
  EXPECT_EQ(textOf(args[2].term), "0.5 * x_1");
  EXPECT_FALSE(args[3].term) << "integers lose their fraction, which a formula can't say";
  EXPECT_EQ(textOf(args[4].term), "stride_0 + stride_1");
}

TEST_F(HostFactsTest, LaunchesInALoopThatIsNotFollowedAreSaid) {
  HostPath path = pathOf(R"(#include <torch/extension.h>
__global__ void k(float* x, int s) {}
void run(torch::Tensor x) {
  for (int s = 1; s < x.numel(); s *= 2) k<<<1, 32>>>(x.data_ptr<float>(), s);
}
)");
  EXPECT_TRUE(guesses(path, Guess::About::Coverage, "loop of line 4"));
}

TEST_F(HostFactsTest, TheOperationIsProposedWithItsCertainty) {
  HostPath path = pathOf(R"(#include <torch/extension.h>
__global__ void softmax_kernel(const float* x, float* y, int n) {}
torch::Tensor softmax(torch::Tensor x) {
  auto y = torch::empty_like(x);
  softmax_kernel<<<x.size(0), 128>>>(x.data_ptr<float>(), y.data_ptr<float>(), x.size(1));
  return y;
}
)");
  auto proposal = recognise(path);
  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->spec, "softmax");
  EXPECT_TRUE(proposal->likely);
  EXPECT_THAT(contractText(path, "k.cu"), Not(HasSubstr("\"spec\""))) << "nothing is used unasked";
}

} // namespace
} // namespace kverify::frontend::host
