// The stability stage and the judged oracle, on a small kernel.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/adequacy_run.h"
#include "report/json.h"
#include "report/stability_text.h"
#include "tests/support/run_program.h"

namespace kverify::pipeline {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kKernel = R"(
__global__ void softmax_rows(const float* x, float* y, int n) {
  const float* row = x + blockIdx.x * n;
  float row_max = -INFINITY;
  for (int j = 0; j < n; ++j) row_max = fmaxf(row_max, row[j]);
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += expf(row[j] - row_max);
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = expf(row[j] - row_max) / sum;
}
)";

constexpr const char* kContract = R"({
  "contract": 1, "spec": "softmax",
  "sizes": { "R": { "range": [1, 30] }, "N": { "range": [1, 2048] } },
  "tensors": {
    "x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
    "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write" }
  },
  "launches": [ { "kernel": "softmax_rows", "args": ["x", "y", "N"], "grid": ["R"], "block": [1] } ]
})";

KernelReport auditOf(const tests::ScratchFolder& folder, double floor = 1) {
  folder.write("k.cu", kKernel);
  folder.write("k.contract.json", kContract);
  AuditOptions options;
  options.stages = {.fuzz = true, .formal = false, .stability = true};
  options.oracle_floor = floor;
  options.output = folder.path() + "/out";
  return auditJob({.source = folder.path() + "/k.cu", .contract = folder.path() + "/k.contract.json"}, options);
}

TEST(StabilityStage, ScoresEveryStressCaseAndTheGrowthOfTheError) {
  tests::ScratchFolder folder;
  KernelReport report = auditOf(folder);
  ASSERT_EQ(report.verdict, Verdict::Certified);
  ASSERT_TRUE(report.stability);
  const Stability& stability = *report.stability;
  EXPECT_GE(stability.rows.size(), 8u);
  for (const StressRow& row : stability.rows) {
    EXPECT_EQ(row.outcome, "pass") << row.name;
    EXPECT_LE(row.worst_ratio, 1) << row.name;
    EXPECT_GT(row.impostors, 0u) << row.name << ": nobody knows whether it could have failed";
  }
  EXPECT_EQ(stability.schedules, 3u);
  EXPECT_EQ(stability.order_dependent, "");
  EXPECT_THAT(stability.nonfinite, HasSubstr("every result that depends on it"));
  EXPECT_EQ(stability.growth_size, "N");
  ASSERT_GE(stability.growth.size(), 6u);
  for (const GrowthRow& row : stability.growth)
    EXPECT_LE(row.error, row.bound) << row.n;
  EXPECT_LT(stability.error_exponent, stability.bound_exponent + 0.5);
  EXPECT_THAT(folder.read(stability.plot.substr(folder.path().size() + 1)), HasSubstr("</svg>"));
}

TEST(StabilityStage, SurvivesTheTripThroughJson) {
  tests::ScratchFolder folder;
  KernelReport report = auditOf(folder);
  auto again = report::kernelFromJson(report::kernelToJson(report));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(report::kernelToJson(*again), report::kernelToJson(report));
  EXPECT_EQ(report::renderStability(*again, {.all_checks = true}), report::renderStability(report, {.all_checks = true}));
}

KernelReport auditKernel(const tests::ScratchFolder& folder, const std::string& kernel, AuditOptions options = {}) {
  folder.write("k.cu", kernel);
  folder.write("k.contract.json", kContract);
  options.stages = {.fuzz = true, .formal = false};
  options.output = folder.path() + "/out";
  return auditJob({.source = folder.path() + "/k.cu", .contract = folder.path() + "/k.contract.json"}, options);
}

TEST(StabilityStage, PassesNothingThatItsOwnCasesBreak) {
  tests::ScratchFolder folder;
  folder.write("k.cu", R"(
__global__ void softmax_rows(const float* x, float* y, int n) {
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = 0.25f;
}
)");
  folder.write("k.contract.json", kContract);
  AuditOptions options;
  options.stages = {.fuzz = true, .formal = false, .stability = true};
  options.output = folder.path() + "/out";
  KernelReport report = auditJob({.source = folder.path() + "/k.cu", .contract = folder.path() + "/k.contract.json"}, options);
  int seen = 0;
  for (const CheckOutcome& one : report.outcomes)
    if (one.check == "numerics.bound") {
      ++seen;
      EXPECT_TRUE(std::holds_alternative<Refuted>(one.outcome)) << one.stage << ": what the other stage told is not tested here";
    }
  EXPECT_EQ(seen, 2);
}

TEST(BadKernel, ThatWritesNaNEverywhereIsRefutedOnceWithASmallExample) {
  tests::ScratchFolder folder;
  KernelReport report = auditKernel(folder, R"(
__global__ void softmax_rows(const float* x, float* y, int n) {
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = NAN;
}
)");
  EXPECT_EQ(report.verdict, Verdict::Refuted);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].check, "numerics.nonfinite");
  EXPECT_THAT(report.findings[0].launch, ::testing::AllOf(HasSubstr("N=1"), HasSubstr("R=1")));
  EXPECT_THAT(report.examples[report.findings[0].replay], HasSubstr("N=any value"));
}

TEST(BadKernel, ThatHasNoEndInOneCaseIsReportedAndTheOthersGoOn) {
  tests::ScratchFolder folder;
  // One row of one element never ends; all widths above 100 are off by one.
  KernelReport report = auditKernel(folder, R"(
__global__ void softmax_rows(const float* x, float* y, int n) {
  volatile int spin = 1;
  while (n == 1 && gridDim.x == 1 && spin) spin = 1;
  const float* row = x + blockIdx.x * n;
  float row_max = -INFINITY;
  for (int j = 0; j < n; ++j) row_max = fmaxf(row_max, row[j]);
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += expf(row[j] - row_max);
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = expf(row[j] - row_max) / sum + (n > 100 ? 1.0f : 0.0f);
}
)",
                                    {.steps = std::uint64_t{1} << 20});
  EXPECT_EQ(report.verdict, Verdict::Refuted) << "what the other cases show is not lost";
  auto race = std::find_if(report.outcomes.begin(), report.outcomes.end(),
                           [](const CheckOutcome& o) { return o.check == "race.shared-write-write"; });
  ASSERT_NE(race, report.outcomes.end());
  const auto* unknown = std::get_if<Unknown>(&race->outcome);
  ASSERT_NE(unknown, nullptr) << "a case that did not end passed nothing";
  EXPECT_EQ(unknown->code, unknown_reason::step_limit);
  EXPECT_THAT(unknown->detail, HasSubstr("N=1 R=1"));
}

TEST(Oracle, IsJudgedAndItsScoreReported) {
  tests::ScratchFolder folder;
  KernelReport report = auditOf(folder);
  ASSERT_TRUE(report.adequacy);
  EXPECT_GE(report.adequacy->total, 5u);
  EXPECT_EQ(report.adequacy->rejected, report.adequacy->total);
  EXPECT_THAT(report::renderAdequacy(report, {}), HasSubstr("wrong results"));
}

TEST(Oracle, ThatIsTooWeakMakesAPassUnknownAndNamesTheSurvivor) {
  KernelReport report;
  report.adequacy = Adequacy{.rejected = 9, .total = 10, .floor = 1, .survivors = {"the last key lost"}};
  report.outcomes = {{"numerics.bound", "fuzz", Tested{.cases = 3}, 0}, {"race.shared-write-write", "fuzz", Tested{.cases = 3}, 0}};
  distrust(report);
  const auto* unknown = std::get_if<Unknown>(&report.outcomes[0].outcome);
  ASSERT_NE(unknown, nullptr);
  EXPECT_EQ(unknown->code, unknown_reason::weak_oracle);
  EXPECT_THAT(unknown->detail, HasSubstr("the last key lost"));
  EXPECT_TRUE(std::holds_alternative<Tested>(report.outcomes[1].outcome)) << "races need no reference";
  EXPECT_EQ(foldVerdict(report.outcomes, Policy{}), Verdict::Inconclusive);

  report.adequacy->floor = 0.9;
  report.outcomes[0].outcome = Tested{.cases = 3};
  distrust(report);
  EXPECT_TRUE(std::holds_alternative<Tested>(report.outcomes[0].outcome)) << "the policy asks for no more";
}

} // namespace
} // namespace kverify::pipeline
