// What was known before: matched by fingerprint, written and read back.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gate/baseline.h"
#include "tests/support/json_schema.h"

namespace kverify::gate {
namespace {

using testing::HasSubstr;

BaselineKernel knownRace(const std::string& file = "a.cu") {
  return {file, "k", {{"race.x", "f1", Severity::Error, true, "two threads meet"}}, {"numerics.bound|no cases"}};
}

Finding race(const std::string& fingerprint, unsigned line, bool confirmed = true) {
  return {.check = "race.x", .message = "two threads meet", .locations = {{{{"a.cu", line, 1, ""}}, ""}}, .fingerprint = fingerprint, .confirmed = confirmed};
}

Report reportWith(std::vector<Finding> findings, const std::string& file = "a.cu") {
  Report report;
  report.kernels.push_back({.file = file, .kernel = "k"});
  report.kernels[0].findings = std::move(findings);
  report.kernels[0].outcomes = {{"race.x", "fuzz", report.kernels[0].findings.empty() ? Outcome(Tested{.cases = 3}) : Outcome(Refuted{"two threads meet", ""})}};
  return report;
}

TEST(Baseline, KnowsAFindingOnAnyLineAndAsOftenAsItHasIt) {
  Report report = reportWith({race("f1", 90), race("f1", 95)});
  BaselineMatch match = matchBaseline({{knownRace()}}, report, {"a.cu"});
  ASSERT_EQ(match.kernels.size(), 1u);
  EXPECT_EQ(match.kernels[0].known.size(), 1u) << "the same line text twice, and it was there once";
  EXPECT_EQ(match.kernels[0].known_open.count("numerics.bound|no cases"), 1u);
}

TEST(Baseline, AnotherFingerprintIsNewAndTheOldOneFixed) {
  Report report = reportWith({race("f2", 3)});
  BaselineMatch match = matchBaseline({{knownRace()}}, report, {"a.cu"});
  EXPECT_TRUE(match.kernels[0].known.empty());
  EXPECT_EQ(match.kernels[0].fixed.size() + match.kernels[0].gone.size(), 1u);
}

TEST(Baseline, FixedOnlyWhereItsCheckJudgedAgain) {
  Report report = reportWith({});
  EXPECT_EQ(matchBaseline({{knownRace()}}, report, {"a.cu"}).kernels[0].fixed.size(), 1u);
  report.kernels[0].outcomes = {{"race.x", "fuzz", Unknown{unknown_reason::step_limit, ""}}};
  BaselineMatch match = matchBaseline({{knownRace()}}, report, {"a.cu"});
  EXPECT_EQ(match.kernels[0].fixed.size(), 0u);
  EXPECT_EQ(match.kernels[0].gone.size(), 1u);
}

TEST(Baseline, ASuspicionThatARunConfirmedIsNew) {
  Baseline baseline{{knownRace()}};
  baseline.kernels[0].findings[0].confirmed = false;
  Report report = reportWith({race("f1", 3)});
  EXPECT_TRUE(matchBaseline(baseline, report, {"a.cu"}).kernels[0].known.empty());
}

TEST(Baseline, FollowsAMovedFileButNotACopy) {
  Report moved = reportWith({race("f1", 3)}, "new/a.cu");
  EXPECT_EQ(matchBaseline({{knownRace()}}, moved, {}).kernels[0].known.size(), 1u) << "a.cu is gone";
  EXPECT_EQ(matchBaseline({{knownRace()}}, moved, {"a.cu"}).kernels[0].known.size(), 0u) << "a.cu is still there: this is a second defect";
}

TEST(Baseline, ComesBackAsItWasWrittenAndFitsItsSchema) {
  Baseline baseline{{knownRace("b.cu"), knownRace("a.cu")}};
  std::string text = renderBaseline(baseline);
  auto schema = nlohmann::json::parse(std::ifstream(SCHEMA_DIR "/gate-baseline.schema.json"));
  EXPECT_THAT(tests::violations(schema, nlohmann::json::parse(text)), testing::IsEmpty());
  auto read = parseBaseline("b.json", text);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->kernels.size(), 2u);
  EXPECT_EQ(read->kernels[0], knownRace("a.cu")) << "sorted, so that diffs of it are small";
  EXPECT_EQ(renderBaseline(*read), text);
}

TEST(Baseline, RefusesWhatIsNone) {
  EXPECT_THAT(parseBaseline("b.json", R"({ "format": "kverify.report/1", "tool_version": "1", "kernels": [] })").error().message, HasSubstr("not what this program reads"));
  EXPECT_THAT(parseBaseline("b.json", R"({ "format": "kverify.gate-baseline/1", "tool_version": "1", "kernel": [] })").error().hint, HasSubstr("'kernels'"));
  EXPECT_FALSE(parseBaseline("b.json", "[]"));
  EXPECT_FALSE(parseBaseline("b.json", ""));
}

} // namespace
} // namespace kverify::gate
