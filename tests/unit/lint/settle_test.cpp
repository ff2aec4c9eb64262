// What becomes of a warning when the other stages have spoken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/pipeline/lint.h"

namespace kverify::pipeline {
namespace {

using verifier::lint::LintFinding;
using verifier::lint::LintResult;

Finding at(const std::string& check, unsigned line, Severity severity = Severity::Warning) {
  Finding finding{.check = check, .severity = severity, .message = "something"};
  finding.locations.push_back({{SourceLocation{"k.cu", line, 1, ""}}, ""});
  return finding;
}

LintResult warningAt(const std::string& check, unsigned line, std::vector<std::string> kernels) {
  LintResult lint;
  lint.source = {"k.cu", "", ""};
  LintFinding finding;
  finding.finding = at(check, line);
  finding.kernels = std::move(kernels);
  lint.findings.push_back(std::move(finding));
  return lint;
}

CheckOutcome proved(const std::string& check) { return {check, "formal", Proved{}, 0}; }

constexpr const char* kBarrier = "sync.divergent-barrier"; // decided by barrier.divergent

TEST(Settle, FindingsOfTheIrAreSeenFromEveryWorkingFolder) {
  namespace fs = std::filesystem;
  fs::path root = fs::temp_directory_path() / "kverify_working_folder", before = fs::current_path();
  fs::create_directories(root / "here");
  fs::create_directories(root / "there");
  std::ofstream(root / "there" / "k.cu") << "__global__ void k(const float* x, float* y) {\n"
                                            "  __shared__ float s[64];\n"
                                            "  s[threadIdx.x] = x[threadIdx.x];\n"
                                            "  y[threadIdx.x] = s[63 - threadIdx.x];\n"
                                            "}\n";
  fs::current_path(root / "here");
  frontend::CompileOptions options{.headers = frontend::CudaHeaders::Builtin};
  auto lint = verifier::lint::lintFile((root / "there" / "k.cu").string(), options, nullptr);
  fs::current_path(before);
  fs::remove_all(root);
  ASSERT_TRUE(lint) << lint.error().message;
  ASSERT_EQ(lint->findings.size(), 1u) << "a neighbour's element is read with no barrier";
  EXPECT_EQ(lint->findings[0].finding.check, "sync.missing-barrier");
  EXPECT_EQ(lint->findings[0].finding.locations[0].stack[0].file, (root / "there" / "k.cu").string());
}

TEST(Settle, AVariableThatIsItsOwnFirstValueHasNone) {
  namespace fs = std::filesystem;
  fs::path file = fs::temp_directory_path() / "kverify_own_value.cu";
  std::ofstream(file) << "__global__ void k(float* y) { y[threadIdx.x] = 1; }\n"
                         "void run(float* y, int padding) {\n"
                         "  int width = (width + 2 * padding) / 2 + 1;\n"
                         "  int blocks = (width + 255) / 256;\n"
                         "  dim3 block = dim3(block.x);\n"
                         "  k<<<blocks, block, width>>>(y);\n"
                         "}\n";
  frontend::CompileOptions options{.headers = frontend::CudaHeaders::Builtin};
  auto lint = verifier::lint::lintFile(file.string(), options, nullptr);
  fs::remove(file);
  ASSERT_TRUE(lint) << lint.error().message;
  for (const LintFinding& one : lint->findings)
    EXPECT_THAT(one.finding.check, testing::Not(testing::StartsWith("limits."))) << one.finding.message;
}

TEST(Settle, ChecksKnowWhoDecidesWhatTheySuspect) {
  for (const char* check : {"sync.missing-barrier", "sync.tile-reuse", "sync.lockstep"})
    EXPECT_THAT(verifier::lint::decidedBy(check), testing::ElementsAre("race.shared-read-write")) << check;
  EXPECT_THAT(verifier::lint::decidedBy("launch.no-error-check"), testing::IsEmpty());
}

TEST(Settle, AProofDropsTheWarningAndSaysSo) {
  KernelReport report;
  report.outcomes = {proved("barrier.divergent")};
  settleStatic(warningAt(kBarrier, 7, {"k<64>"}), "sm_80", {"k< 64 >"}, report);
  EXPECT_THAT(report.findings, testing::IsEmpty());
  EXPECT_THAT(report.notes, testing::ElementsAre(testing::HasSubstr("dropped")));
}

TEST(Settle, AProofOfAnotherKernelDropsNothing) {
  KernelReport report;
  report.outcomes = {proved("barrier.divergent")};
  settleStatic(warningAt(kBarrier, 7, {"a", "b"}), "sm_80", {"a"}, report);
  EXPECT_EQ(report.findings.size(), 1u);
}

TEST(Settle, AProofSaysNothingAboutHostCode) {
  KernelReport report;
  report.outcomes = {proved("barrier.divergent")};
  settleStatic(warningAt(kBarrier, 7, {}), "sm_80", {"a"}, report);
  EXPECT_EQ(report.findings.size(), 1u);
}

TEST(Settle, AllThatDecidesMustBeProved) {
  KernelReport report;
  report.outcomes = {proved("bounds.global-read")};
  settleStatic(warningAt("bounds.unguarded-index", 7, {"a"}), "sm_80", {"a"}, report);
  EXPECT_EQ(report.findings.size(), 1u) << "bounds.global-write is not proved";
}

TEST(Settle, TestsDoNotDecide) {
  KernelReport report;
  report.outcomes = {{"barrier.divergent", "fuzz", Tested{.cases = 9}, 0}};
  settleStatic(warningAt(kBarrier, 7, {"a"}), "sm_80", {"a"}, report);
  EXPECT_EQ(report.findings.size(), 1u);
}

TEST(Settle, WhatARunShowedAtTheSameLineIsSaidOnce) {
  KernelReport report;
  report.findings = {at("barrier.divergent", 7, Severity::Error)};
  report.findings[0].confirmed = true;
  settleStatic(warningAt(kBarrier, 7, {"a"}), "sm_80", {"a"}, report);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_TRUE(report.findings[0].confirmed);
  EXPECT_THAT(report.notes, testing::ElementsAre(testing::HasSubstr("barrier.divergent")));
}

TEST(Settle, WhatARunShowedElsewhereLeavesTheWarning) {
  KernelReport report;
  report.findings = {at("barrier.divergent", 9, Severity::Error)};
  report.findings[0].confirmed = true;
  settleStatic(warningAt(kBarrier, 7, {"a"}), "sm_80", {"a"}, report);
  EXPECT_EQ(report.findings.size(), 2u);
}

TEST(Settle, AnErrorRefutesAndAWarningDoesNot) {
  KernelReport report;
  LintResult lint = warningAt("limits.block", 7, {});
  settleStatic(lint, "sm_80", {}, report);
  EXPECT_EQ(foldVerdict(report.outcomes, Policy{}), Verdict::Inconclusive);
  KernelReport refuted;
  lint.findings[0].finding.severity = Severity::Error;
  settleStatic(lint, "sm_80", {}, refuted);
  EXPECT_EQ(foldVerdict(refuted.outcomes, Policy{}), Verdict::Refuted);
}

TEST(Settle, WhatTheSourceCannotTellBlocksNoOtherStage) {
  KernelReport report;
  report.outcomes = {{"race.shared-read-write", "fuzz", Tested{.cases = 9}, 0}};
  LintResult lint;
  lint.unknowns.push_back({kBarrier, {"k.cu", 3, 1, ""}, "a named barrier"});
  settleStatic(lint, "sm_80", {}, report);
  ASSERT_EQ(report.outcomes.size(), 2u);
  EXPECT_EQ(foldVerdict(report.outcomes, Policy{}), Verdict::Certified);
}

TEST(Settle, ASuppressionOfWhatARunShowedIsRefused) {
  KernelReport report;
  report.findings = {at("race.shared-read-write", 7, Severity::Error)};
  report.findings[0].confirmed = true;
  LintResult lint;
  lint.suppressions.push_back({.check = "race.shared-read-write", .at = {"k.cu", 7, 3, ""}, .reason = "it is fine"});
  settleStatic(lint, "sm_80", {}, report);
  EXPECT_EQ(report.findings.size(), 1u) << "nothing silences what a run showed";
  ASSERT_EQ(report.suppressions.size(), 1u);
  EXPECT_EQ(report.suppressions[0].state, Suppression::State::Refused);
}

} // namespace
} // namespace kverify::pipeline
