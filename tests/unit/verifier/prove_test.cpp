// Kernels that are right: proved for all sizes of their contracts.
#include "tests/unit/verifier/prover.h"
#include "tests/unit/verifier/shapes.h"

namespace kverify::verifier::test {
namespace {

using testing::IsEmpty;

void expectProved(const std::string& source, const std::string& contract, const std::vector<std::string>& checks,
                  const std::vector<std::string>& left = {}) {
  Results results = prove(source, contract);
  EXPECT_THAT(openOnes(results, left), IsEmpty()) << "a correct kernel was not proved";
  for (const std::string& check : checks)
    EXPECT_EQ(results[check], "proved") << check << " must have been judged";
}

TEST(Prove, TiledMatmul) {
  expectProved(kMatmul, kMatmulContract,
               {"race.shared-read-write", "race.shared-write-write", "race.blocks-write-write", "barrier.divergent",
                "bounds.global-read", "bounds.global-write", "bounds.shared-read", "index.overflow"});
}

TEST(Prove, TreeReductionSoftmax) {
  // A stride of as many threads as the launch says, in rows of any length, is a product of symbols: who writes is open.
  expectProved(kSoftmax, kSoftmaxContract, {"race.shared-read-write", "barrier.divergent", "bounds.shared-read"},
               {"output.unwritten"});
}

TEST(Prove, FlashTilesInOneSharedBuffer) {
  expectProved(kFlash, kFlashContract, {"race.shared-read-write", "race.blocks-read-write", "bounds.shared-write"});
}

TEST(Prove, GridStrideLoop) {
  expectProved(kAxpy, kAxpyContract, {"race.blocks-read-write", "race.global-read-write", "bounds.global-write"});
}

TEST(Prove, DoubleBufferWithDivisionAndPadding) {
  expectProved(kDoubleBuffer, kDoubleBufferContract, {"race.shared-read-write", "bounds.shared-read"});
}

TEST(Prove, ScopeAndAssumptionsAreSaid) {
  auto contract = parseContract("contract.json", kAxpyContract);
  ASSERT_TRUE(contract);
  frontend::CompileOptions compile;
  compile.headers = frontend::CudaHeaders::Builtin;
  auto module = frontend::compileSource("test.cu", kAxpy, compile);
  ASSERT_TRUE(module);
  ProveResult result = judgeKernel(*module, *contract);
  ASSERT_FALSE(result.outcomes.empty());
  for (const CheckOutcome& one : result.outcomes) {
    const auto* proved = std::get_if<Proved>(&one.outcome);
    ASSERT_NE(proved, nullptr) << one.check;
    EXPECT_EQ(one.stage, "formal");
    EXPECT_THAT(proved->scope, testing::HasSubstr("N in [1, 1000000]"));
    EXPECT_THAT(proved->assumptions, testing::Not(IsEmpty()));
    EXPECT_THAT(proved->solver, testing::StartsWith("z3 4."));
    EXPECT_EQ(proved->query_hash.size(), 64u);
  }
}

} // namespace
} // namespace kverify::verifier::test
