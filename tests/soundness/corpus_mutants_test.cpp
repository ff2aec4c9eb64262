// A few mutants of each kernel of the corpus; all of them: bench/soundness.
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/soundness/corpus.h"

namespace kverify::soundness {
namespace {

std::string textOf(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

constexpr std::size_t kSampled = 4;

class CorpusMutants : public testing::TestWithParam<const char*> {};

TEST_P(CorpusMutants, NoneIsProvedThatTheExecutorBreaks) {
  std::string folder = std::string("kernels/") + GetParam();
  std::vector<Mutant> mutants = mutantsOf(textOf(folder + "/kernel.cu"));
  ASSERT_GE(mutants.size(), 20u) << "the rules no longer fit the corpus's style";
  MutantCounts counts;
  for (std::size_t i = 0; i < kSampled; ++i) {
    const Mutant& mutant = mutants[(i * 2 + 1) * mutants.size() / (2 * kSampled)];
    MutantJudged judged = judgeMutant(mutant, folder, testing::TempDir() + "/mutant_" + std::to_string(getpid()));
    counts.add(judged);
    for (const std::string& what : judged.wrong)
      ADD_FAILURE() << "UNSOUND: line " << mutant.line << ", " << mutant.what << ": " << what << "\n" << mutant.source;
  }
  EXPECT_LT(counts.not_compiled, counts.mutants) << "a test in which nothing compiles tests nothing";
}

INSTANTIATE_TEST_SUITE_P(All, CorpusMutants,
                         testing::Values("softmax/row_block_f32", "softmax/online_warp_f32", "layer_norm/two_pass_f32",
                                         "layer_norm/welford_warp_f32", "attention/naive_f32",
                                         "attention/flash_v1_f32"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::replace(name.begin(), name.end(), '/', '_');
                           return name;
                         });

TEST(CorpusMutants, AWrongProofIsNoticed) {
  std::string folder = "kernels/softmax/row_block_f32";
  std::vector<Mutant> mutants = mutantsOf(textOf(folder + "/kernel.cu"));
  auto barrier = std::find_if(mutants.begin(), mutants.end(), [](const Mutant& one) { return one.what.starts_with("no __sync"); });
  ASSERT_NE(barrier, mutants.end());
  std::string scratch = testing::TempDir() + "/forged_" + std::to_string(getpid());
  EXPECT_THAT(judgeMutant(*barrier, folder, scratch).wrong, testing::IsEmpty());
  std::vector<std::string> lies = {"race.shared-read-write", "race.shared-write-write"};
  EXPECT_THAT(judgeMutant(*barrier, folder, scratch, {}, lies).wrong, testing::Not(testing::IsEmpty()));
}

TEST(Mutate, RulesChangeCodeAndNothingElse) {
  std::string source = "int x[4];\n"
                       "  if (t < n && r < m) // t < n\n"
                       "    y[t * d + 1] = 0;\n"
                       "  __syncthreads();\n"
                       "  for (int i = t; i <= n; i += step)\n"
                       "    for (int j = 0; j < n; ++j)\n";
  std::vector<std::string> whats;
  for (const Mutant& one : mutantsOf(source))
    whats.push_back(std::to_string(one.line) + " " + one.what);
  EXPECT_THAT(whats, testing::IsSupersetOf({"2 < became <=", "2 no guard (t < n && r < m)", "2 not < n && ",
                                            "3 [t * d + 1] one further", "3 stride d - 1", "4 no __syncthreads();",
                                            "5 <= became <", "5 step step + 1", "3 no store to y",
                                            "6 j < n - 1"}));
  EXPECT_THAT(whats, testing::Each(testing::Not(testing::StartsWith("1 "))));
}

} // namespace
} // namespace kverify::soundness
