// Where there is no answer for all sizes: the contract's sizes and edges, and a proof that says so.
#include "tests/unit/verifier/prover.h"
#include "verifier/checks/sizes.h"

namespace kverify::verifier::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Contract contractOf(const std::string& sizes, const std::string& requires_text = "") {
  auto contract = parseContract("contract.json", R"({ "contract": 1, "sizes": {)" + sizes + R"(}, "tensors": {},
    "launches": [{"kernel": "k", "args": [], "grid": [1], "block": [1]}])" + requires_text + "}");
  EXPECT_TRUE(contract) << contract.error().message;
  return contract ? *contract : Contract{};
}

std::vector<std::int64_t> valuesOf(const ListedSizes& listed, const std::string& name) {
  std::set<std::int64_t> values;
  for (const Sizes& sizes : listed.all)
    values.insert(sizes.at(name));
  return {values.begin(), values.end()};
}

TEST(ListedSizes, ListsTriesAndEdges) {
  ListedSizes listed = listedSizes(contractOf(R"("N": {"range": [1, 512], "try": [127, 128]}, "D": {"list": [32, 64]})"));
  EXPECT_THAT(valuesOf(listed, "N"), ElementsAre(1, 2, 127, 128, 511, 512));
  EXPECT_THAT(valuesOf(listed, "D"), ElementsAre(32, 64));
  EXPECT_EQ(listed.all.size(), 12u) << "every combination";
  EXPECT_EQ(listed.scope, "bounded: D in {32, 64}, N in {1, 2, 127, 128, 511, 512}");
}

TEST(ListedSizes, NeverMoreThanAsked) {
  ListedSizes listed = listedSizes(contractOf(R"("A": {"range": [1, 9]}, "B": {"range": [1, 9]}, "C": {"range": [1, 9]})"), 20);
  EXPECT_LE(listed.all.size(), 20u);
  EXPECT_THAT(valuesOf(listed, "A"), testing::Contains(9)) << "the largest stays";
}

const char* const kSquares = R"(
__global__ void squares(float* y, int n, int m) {
  int i = blockIdx.x * 32 + threadIdx.x;
  if (i < n && i * i * m < n * n * m)
    y[i * i % (n * m) * m % n] = 1;
})";

std::string squaresContract(const char* most) {
  return R"json({ "contract": 1, "sizes": { "N": {"range": [1, 64]}, "M": {"range": [1, )json" + std::string(most) + R"json(]} },
  "tensors": { "y": {"dtype": "f32", "shape": ["N"], "access": "write"} },
  "launches": [ {"kernel": "squares", "args": ["y", "N", "M"], "grid": ["ceildiv(N, 32)"], "block": [32]} ] })json";
}

ProveResult judged(const std::string& source, const std::string& contract_text, double seconds = 60) {
  auto contract = parseContract("contract.json", contract_text);
  EXPECT_TRUE(contract);
  frontend::CompileOptions compile;
  compile.headers = frontend::CudaHeaders::Builtin;
  auto module = frontend::compileSource("test.cu", source, compile);
  EXPECT_TRUE(module);
  ProveOptions options;
  options.obligation_ms = 2000;
  options.kernel_seconds = seconds;
  return judgeKernel(*module, *contract, options);
}

TEST(Bounded, EveryProofSaysWhatItCovers) {
  ProveResult result = judged(kSquares, squaresContract("8"));
  for (const CheckOutcome& one : result.outcomes) {
    const auto* proved = std::get_if<Proved>(&one.outcome);
    std::string scope = proved ? proved->scope : "all sizes: open";
    EXPECT_TRUE(scope.starts_with("bounded: M in {") || scope.starts_with("all sizes: ")) << one.check;
  }
}

TEST(Budget, AKernelThatIsTooLargeToBeModelledInTimeIsUnknown) {
  ProveResult result = judged(kSquares, squaresContract("8"), 0);
  ASSERT_FALSE(result.outcomes.empty());
  for (const CheckOutcome& one : result.outcomes) {
    const auto* unknown = std::get_if<Unknown>(&one.outcome);
    ASSERT_NE(unknown, nullptr) << one.check << " has an outcome that took no time";
    EXPECT_THAT(unknown->detail, HasSubstr("in the time given"));
  }
}

const char* const kNeighbours = R"(
__global__ void neighbours(int* o, int n) {
  int b = blockIdx.x;
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    o[b * n + i] = 1;
    if ((i ^ 1) < n)
      o[b * n + (i ^ 1)] = 1;
  }
})";

TEST(Budget, WhatWasNotAskedInTimeIsOpenAndNotIdle) {
  const char* contract = R"json({ "contract": 1,
  "sizes": { "T": {"range": [1, 3]}, "R": {"range": [1, 3]}, "N": {"range": [1, 4]} },
  "tensors": { "o": {"dtype": "i32", "shape": ["R", "N"], "access": "write"} },
  "launches": [ {"kernel": "neighbours", "args": ["o", "N"], "grid": ["R"], "block": ["T"]} ] })json";
  for (double seconds : {0.05, 0.2, 1.0}) {
    ProveResult result = judged(kNeighbours, contract, seconds);
    for (const NothingToJudge& one : result.idle)
      EXPECT_NE(one.check, "race.same-value-write") << "two threads write one value, and " << seconds << " s were given";
    EXPECT_THAT(resultsOf(result)["race.same-value-write"], testing::StartsWith("unknown"));
  }
}

TEST(Idle, WhatHadNothingToJudgeIsListedAndNotProved) {
  ProveResult result = judged(kSquares, squaresContract("8"));
  std::map<std::string, std::string> idle;
  for (const NothingToJudge& one : result.idle)
    idle[one.check] = one.why;
  EXPECT_EQ(idle["barrier.divergent"], "no barrier");
  EXPECT_THAT(idle["race.shared-write-write"], HasSubstr("shared memory"));
  for (const CheckOutcome& one : result.outcomes)
    EXPECT_EQ(idle.count(one.check), 0u) << one.check << " is judged, and has nothing to judge";
}

} // namespace
} // namespace kverify::verifier::test
