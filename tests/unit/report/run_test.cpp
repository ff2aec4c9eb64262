// How an audit was run: read back as it was written, counted as it is, and said where it matters.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/json.h"
#include "report/progress.h"
#include "report/summary.h"
#include "report/text.h"
#include "sample_report.h"
#include "tests/support/json_schema.h"

namespace kverify::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Environment sampleEnvironment() {
  return {.isolation = {.processes = true,
                        .layers = {"seccomp", "landlock 7"},
                        .missing = {"no namespaces: Operation not permitted"},
                        .sockets_refused = true,
                        .writes_confined = true,
                        .tracing_refused = true,
                        .memory_bytes = 1 << 30,
                        .file_bytes = 1 << 29,
                        .seconds = 600},
          .jobs = 4,
          .resumed = 3,
          .cache = "shared",
          .notes = {"an entry of the shared cache was damaged, and was not used"}};
}

Report sampleShard() {
  Report report = sampleReport();
  report.tool_build = "beef";
  report.settings = {{"seed", "1"}, {"require", "tests"}};
  report.environment = sampleEnvironment();
  report.corpus = {40, "cafe"};
  report.shard = {2, 8};
  for (std::size_t i = 0; i < report.kernels.size(); ++i)
    report.kernels[i].job = {"aa" + std::to_string(i), 3 * i};
  return report;
}

void expectValid(const Report& report) {
  std::ifstream schema(std::string(SCHEMA_DIR) + "/report.schema.json");
  EXPECT_THAT(tests::violations(nlohmann::json::parse(schema), nlohmann::json::parse(renderJson(report))),
              testing::IsEmpty());
}

TEST(RunReport, IsReadBackAsItWasWritten) {
  for (Report report : {sampleReport(), sampleShard()}) {
    std::string text = renderJson(report);
    auto again = reportFromJson("r.json", text);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(renderJson(*again), text);
    expectValid(report);
  }
}

TEST(RunReport, AMergedOneKeepsItsShards) {
  Report report = sampleShard();
  report.shard = {};
  report.shards = {{{1, 2}, 3, 1.5, sampleEnvironment()}, {{2, 2}, 1, 2.5, {}}};
  auto again = reportFromJson("r.json", renderJson(report));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->shards.size(), 2u);
  EXPECT_EQ(renderJson(*again), renderJson(report));
  expectValid(report);
}

TEST(RunReport, TheTextSaysWhatIsMissingOnlyWhereItMatters) {
  Report report = sampleShard();
  EXPECT_THAT(renderSummary(report, {}),
              AllOf(HasSubstr("shard: 2 of 8: 4 of 40 kernels"), HasSubstr("resumed: 3 kernels"), HasSubstr("was damaged"),
                    Not(HasSubstr("no namespaces"))));
  EXPECT_THAT(renderSummary(report, {.all_checks = true}), HasSubstr("isolation: seccomp, landlock 7"));
  report.environment.isolation.writes_confined = false;
  EXPECT_THAT(renderSummary(report, {}), HasSubstr("isolation: no namespaces"));
}

CheckOutcome outcome(const char* check, const char* stage, Outcome of) {
  return {check, stage, std::move(of), 0};
}

TEST(Tally, CountsEachKernelOnceAndEachReasonOnceAKernel) {
  Report report;
  KernelReport slow{.file = "slow.cu"};
  slow.outcomes = {outcome("bounds.global-read", "fuzz", Unknown{"step limit", ""}),
                   outcome("bounds.global-write", "fuzz", Unknown{"step limit", ""})};
  KernelReport odd{.file = "odd.cu"};
  odd.outcomes = {outcome("bounds.global-read", "fuzz", Unknown{"unsupported", ""}),
                  outcome("bounds.global-write", "fuzz", Unknown{"step limit", ""})};
  report.kernels = {slow, odd, sampleRefuted(), sampleCertified(), sampleFailed()};
  Tally tally = tallyOf(report);
  EXPECT_EQ(tally.kernels(), 5u);
  EXPECT_EQ(tally.inconclusive, 2u);
  ASSERT_EQ(tally.inconclusive_because.size(), 2u);
  EXPECT_EQ(tally.inconclusive_because[0].what, "step limit");
  EXPECT_EQ(tally.inconclusive_because[0].kernels, 2u);
  EXPECT_EQ(tally.failed_because[0].what, "input");
  EXPECT_THAT(renderTally(tally, false), HasSubstr("  inconclusive     2  step limit 2, unsupported 1\n"));
}

TEST(Tally, OneKernelNeedsNoTable) {
  Report report;
  report.kernels = {sampleCertified()};
  EXPECT_EQ(renderTally(tallyOf(report), false), "");
}

TEST(WhatBlocks, IsWhatKeepsItFromBeingCertified) {
  Outcome tested = Tested{.cases = 3}, no_answer = Unknown{"time budget", ""}, alarm = Unknown{"tool error", ""};
  Outcome proved = Proved{.scope = "bounded: n in [1, 9]"};
  using Codes = std::vector<std::string>;
  // What tests make good does not block.
  EXPECT_EQ(whatBlocks(std::vector{outcome("a", "fuzz", tested), outcome("a", "formal", no_answer)}, {}), Codes{});
  EXPECT_EQ(whatBlocks(std::vector{outcome("a", "fuzz", tested), outcome("b", "fuzz", Unknown{"no cases", ""}),
                                   outcome("a", "formal", no_answer)}, {}),
            Codes{"no cases"});
  EXPECT_EQ(whatBlocks(std::vector{outcome("a", "fuzz", tested), outcome("a", "formal", alarm)}, {}), Codes{"tool error"});
  EXPECT_EQ(whatBlocks(std::vector{outcome("a", "fuzz", tested), outcome("a", "formal", no_answer)}, {Require::Proof}),
            Codes{"time budget"});
  EXPECT_EQ(whatBlocks(std::vector{outcome("a", "fuzz", tested)}, {Require::Proof}), Codes{"proof wanted"});
  EXPECT_EQ(whatBlocks(std::vector{outcome("a", "formal", proved)}, {Require::UnboundedProof}), Codes{"proof wanted"});
  EXPECT_EQ(whatBlocks(std::vector{outcome("a", "static", Unknown{"unsupported", ""})}, {}), Codes{"nothing was run or proved"});
  EXPECT_EQ(whatBlocks(std::vector{outcome("a", "fuzz", Refuted{"x", ""})}, {}), Codes{});
}

TEST(TimeLeft, IsToldFromWhatThisRunDid) {
  Progress progress(Progress::Mode::Off, stderr);
  EXPECT_EQ(progress.timeLeft(0, 100, 60), "");
  EXPECT_EQ(progress.timeLeft(10, 100, 1), "") << "too early to tell";
  EXPECT_EQ(progress.timeLeft(50, 100, 60), "60 s left");
  EXPECT_EQ(progress.timeLeft(10, 100, 60), "9 min left");
  EXPECT_EQ(progress.timeLeft(1, 100, 600), "16.5 h left");
  progress.startFrom(40);
  EXPECT_EQ(progress.timeLeft(50, 100, 10), "50 s left");
  EXPECT_EQ(progress.timeLeft(40, 100, 10), "");
}

} // namespace
} // namespace kverify::report
