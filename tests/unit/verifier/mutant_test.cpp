// Kernels that are wrong, one change away from a right one: the check that the change breaks must stay open.
#include "tests/unit/verifier/prover.h"
#include "tests/unit/verifier/shapes.h"

namespace kverify::verifier::test {
namespace {

struct Mutant {
  const char* name;
  const std::string* source;
  const std::string* contract;
  const char *from, *to;
  const char* broken; ///< the check that must not be proved
};

const Mutant kMutants[] = {
    {"MatmulNoBarrierAfterFilling", &kMatmul, &kMatmulContract, "__syncthreads(); // filled", "",
     "race.shared-read-write"},
    {"MatmulNoBarrierAfterReading", &kMatmul, &kMatmulContract, "__syncthreads(); // read", "",
     "race.shared-read-write"},
    {"MatmulWrongRow", &kMatmul, &kMatmulContract,
     "as[threadIdx.y][threadIdx.x] =", "as[0][threadIdx.x] =", "race.shared-write-write"},
    {"MatmulGuardOfRowsGone", &kMatmul, &kMatmulContract, "if (row < m && col < n)", "if (col < n)",
     "bounds.global-write"},
    {"MatmulGuardOfRowsOffByOne", &kMatmul, &kMatmulContract, "row < m && ak < k", "row <= m && ak < k",
     "bounds.global-read"},
    {"MatmulGuardOfColumnsGone", &kMatmul, &kMatmulContract, "if (row < m && col < n)", "if (row < m)",
     "race.blocks-write-write"},
    {"MatmulTileOverrun", &kMatmul, &kMatmulContract, "i < 16", "i <= 16", "bounds.shared-read"},
    {"SoftmaxNoFirstBarrier", &kSoftmax, &kSoftmaxContract, "__syncthreads(); // all there", "",
     "race.shared-read-write"},
    {"SoftmaxNoBarrierInTheTree", &kSoftmax, &kSoftmaxContract, "__syncthreads(); // step done", "",
     "race.shared-read-write"},
    {"SoftmaxTreeGuardOffByOne", &kSoftmax, &kSoftmaxContract, "if (threadIdx.x < k)", "if (threadIdx.x <= k)",
     "race.shared-read-write"},
    {"SoftmaxBarrierUnderTheGuard", &kSoftmax, &kSoftmaxContract, "s[threadIdx.x] += s[threadIdx.x + k];",
     "{ s[threadIdx.x] += s[threadIdx.x + k]; __syncthreads(); }", "barrier.divergent"},
    {"SoftmaxRowOverrun", &kSoftmax, &kSoftmaxContract, "j < n; j += blockDim.x)\n    y",
     "j <= n; j += blockDim.x)\n    y", "bounds.global-write"},
    {"FlashNoBarrierAfterLoading", &kFlash, &kFlashContract, "__syncthreads(); // keys loaded", "",
     "race.shared-read-write"},
    {"FlashNoBarrierAfterUse", &kFlash, &kFlashContract, "__syncthreads(); // keys used", "", "race.shared-read-write"},
    {"FlashScoresTooEarly", &kFlash, &kFlashContract, "float* s = qi + rows * d;", "float* s = qi + rows * d - 1;",
     "race.shared-read-write"},
    {"FlashScoresTooLate", &kFlash, &kFlashContract, "float* s = qi + rows * d;", "float* s = qi + rows * d + 1;",
     "bounds.shared-write"},
    {"FlashHeadsShareOutput", &kFlash, &kFlashContract, "blockIdx.y * gridDim.x + blockIdx.x", "(size_t)blockIdx.x",
     "race.blocks-read-write"},
    {"AxpyGuardOffByOne", &kAxpy, &kAxpyContract, "i < n", "i <= n", "bounds.global-write"},
    {"AxpyStrideOfABlock", &kAxpy, &kAxpyContract, "i += blockDim.x * gridDim.x", "i += blockDim.x",
     "race.blocks-read-write"},
    {"PipelineSameBuffer", &kDoubleBuffer, &kDoubleBufferContract, "tile[1 - now]", "tile[now]",
     "race.shared-read-write"},
    {"PipelineNoBarrier", &kDoubleBuffer, &kDoubleBufferContract, "__syncthreads(); // next tile", "",
     "race.shared-read-write"},
    {"PipelineTooFar", &kDoubleBuffer, &kDoubleBufferContract, "i + 1 < tiles", "i < tiles", "bounds.global-read"},
};

class Mutants : public testing::TestWithParam<Mutant> {};

TEST_P(Mutants, IsNotProved) {
  const Mutant& mutant = GetParam();
  Results results = prove(mutate(*mutant.source, mutant.from, mutant.to), *mutant.contract);
  EXPECT_THAT(results, testing::Contains(testing::Pair(mutant.broken, testing::StartsWith("unknown"))))
      << "this kernel is broken and was proved: unsound";
}

INSTANTIATE_TEST_SUITE_P(All, Mutants, testing::ValuesIn(kMutants),
                         [](const testing::TestParamInfo<Mutant>& one) { return std::string(one.param.name); });

TEST(Wrap, IntProductsAreNotProvedWhereTheyCanOverflow) {
  std::string contract = mutate(kMatmulContract, R"("M": {"range": [1, 4096]})", R"("M": {"range": [1, 4000000]})");
  Results results = prove(kMatmul, contract);
  EXPECT_THAT(results["index.overflow"], testing::StartsWith("unknown"));
  EXPECT_THAT(results["bounds.global-read"], testing::StartsWith("unknown")) << "it stands on the arithmetic";
}

TEST(FailClosed, UnmodelledCodeLeavesEverythingOpen) {
  std::string source = R"(__global__ void copy(int* x, int n) {
    asm volatile("wgmma.fence.sync.aligned;");
    x[threadIdx.x] = n; })";
  Results results = prove(
      source, R"json({ "contract": 1, "sizes": {}, "tensors": {"x": {"dtype": "i32", "shape": [64], "access": "write"}},
    "launches": [{"kernel": "copy", "args": ["x", "1"], "grid": [1], "block": [64]}] })json");
  EXPECT_EQ(openOnes(results).size(), results.size());
  EXPECT_THAT(results["race.global-write-write"], testing::HasSubstr("wgmma"));
}

TEST(FailClosed, AContractWithoutLaunchesProvesNothing) {
  std::string contract = mutate(kAxpyContract, R"("launches")", R"("requires": ["N < 0"], "launches")");
  EXPECT_EQ(prove(kAxpy, contract)["bounds.global-write"].substr(0, 16), "unknown: vacuous");
}

} // namespace
} // namespace kverify::verifier::test
