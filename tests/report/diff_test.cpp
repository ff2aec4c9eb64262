// Two reports compared: what counts as new, fixed and weaker, and the exit code.
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/diff.h"
#include "tests/report/golden.h"
#include "tests/report/rich_report.h"
#include "tests/support/json_schema.h"

namespace kverify::report::tests {
namespace {

using FindingKind = FindingChange::Kind;
using OutcomeKind = OutcomeChange::Kind;

Report reportOf(std::vector<KernelReport> kernels) {
  Report report{.tool_version = "0.1.0"};
  report.kernels = std::move(kernels);
  return report;
}

class Diff : public testing::Test {
protected:
  Diff() { registerSampleChecks(); }

  static std::vector<FindingKind> kinds(const ReportDiff& diff) {
    std::vector<FindingKind> all;
    for (const KernelDiff& kernel : diff.kernels)
      for (const FindingChange& one : kernel.findings)
        all.push_back(one.kind);
    return all;
  }
};

/// What changed between the two reports of the goldens: a race mended, a proof lost, a kernel gone, a new one.
std::pair<Report, Report> beforeAndAfter() {
  Report before = reportOf({racyKernel(), provedKernel(), wrongKernel()});
  Report after = reportOf({racyKernel(), provedKernel(), unknownKernel()});
  KernelReport& mended = after.kernels[0];
  mended.findings.erase(mended.findings.begin());
  mended.outcomes[2].outcome = Tested{36, 1, std::nullopt, "n in {1, 64, 128}"};
  mended.outcomes[3].outcome = Proved{"all sizes: n in [1, 4096]", {}, "z3 4.8.12", "dd"};
  mended.verdict = Verdict::Inconclusive;
  KernelReport& weaker = after.kernels[1];
  weaker.outcomes[0].outcome = Proved{"bounded: n in [1, 64]", {"distinct tensors do not overlap", "every loop ends"}, "z3 4.8.12", "aa"};
  weaker.outcomes[1].outcome = Unknown{"time budget", "no answer in 10 s"};
  return {before, after};
}

TEST_F(Diff, LooksLikeItsGoldens) {
  auto [before, after] = beforeAndAfter();
  ReportDiff diff = compareReports(before, after);
  expectGolden("diff.txt", renderDiffText(diff, {"old.json", "new.json"}, false, false));
  expectGolden("diff.verbose.txt", renderDiffText(diff, {"old.json", "new.json"}, false, true));
  expectGolden("diff.json", renderDiffJson(diff, {"old.json", "new.json"}));
}

TEST_F(Diff, FitsItsSchema) {
  auto [before, after] = beforeAndAfter();
  std::ifstream in(SCHEMA_DIR "/diff.schema.json");
  auto document = nlohmann::json::parse(renderDiffJson(compareReports(before, after), {"a", "b"}));
  EXPECT_THAT(kverify::tests::violations(nlohmann::json::parse(in), document), testing::IsEmpty());
}

TEST_F(Diff, OfAReportWithItselfIsNothing) {
  Report report = richReport();
  ReportDiff diff = compareReports(report, report);
  EXPECT_EQ(diff.exit_code, 0);
  for (const KernelDiff& kernel : diff.kernels)
    EXPECT_TRUE(kernel.quiet()) << kernel.after->file;
}

TEST_F(Diff, AFindingThatMovedIsTheSameFinding) {
  Report before = reportOf({racyKernel()}), after = before;
  for (Finding& finding : after.kernels[0].findings)
    for (FindingLocation& location : finding.locations)
      for (SourceLocation& at : location.stack)
        at.line += 100;
  EXPECT_EQ(compareReports(before, after).exit_code, 0);
}

TEST_F(Diff, ANewFindingIsWorseAndANewNoteIsNot) {
  Report before = reportOf({racyKernel()}), after = before;
  Finding warning = after.kernels[0].findings[1];
  warning.fingerprint = "2222222222222222";
  warning.severity = Severity::Note;
  after.kernels[0].findings.push_back(warning);
  EXPECT_EQ(compareReports(before, after).exit_code, 0);
  after.kernels[0].findings.back().severity = Severity::Warning;
  EXPECT_EQ(compareReports(before, after).exit_code, 1);
}

TEST_F(Diff, TwoEqualFindingsAreNotOne) {
  Report before = reportOf({racyKernel()}), after = before;
  after.kernels[0].findings.push_back(after.kernels[0].findings[0]);
  EXPECT_EQ(compareReports(before, after).exit_code, 1) << "the line was copied: its race is there twice now";
}

TEST_F(Diff, GoneIsFixedOnlyWhereTheCheckHasJudged) {
  Report before = reportOf({racyKernel()}), after = before;
  auto& findings = after.kernels[0].findings;
  auto& outcomes = after.kernels[0].outcomes;
  findings.erase(findings.begin());
  outcomes[2].outcome = Tested{36, 1, std::nullopt, ""};
  outcomes[3].outcome = Unknown{"time budget", ""};
  EXPECT_EQ(kinds(compareReports(before, after)).back(), FindingKind::Unjudged) << "a stage that should know does not";
  outcomes.erase(outcomes.begin() + 3);
  EXPECT_EQ(kinds(compareReports(before, after)).back(), FindingKind::Fixed);
  after.partial = true;
  EXPECT_EQ(kinds(compareReports(before, after)).back(), FindingKind::Unjudged);
  after.partial = false;
  after.kernels[0].error = ToolError{ErrorKind::Compile, "no", "", ""};
  EXPECT_EQ(kinds(compareReports(before, after)).back(), FindingKind::Unjudged);
  EXPECT_EQ(compareReports(before, after).exit_code, 3);
}

TEST_F(Diff, AllowedIsNotFixed) {
  Report before = reportOf({racyKernel()}), after = before;
  Suppression said{.check = "sync.tile-reuse", .at = {"k.cu", 3, 1, ""}, .reason = "known", .state = Suppression::State::Used};
  said.silenced = after.kernels[0].findings[1].message;
  after.kernels[0].suppressions = {said};
  after.kernels[0].findings.pop_back();
  EXPECT_EQ(kinds(compareReports(before, after)).back(), FindingKind::Allowed);
}

TEST_F(Diff, ASuspicionThatIsConfirmedIsWorse) {
  Report before = reportOf({wrongKernel()}), after = before;
  after.kernels[0].findings[1].confirmed = true;
  ReportDiff diff = compareReports(before, after);
  EXPECT_EQ(kinds(diff)[1], FindingKind::Confirmed);
  EXPECT_EQ(diff.exit_code, 1);
}

TEST_F(Diff, KernelsAreFoundAgainUnderAnotherName) {
  Report before = reportOf({provedKernel()}), after = before;
  after.kernels[0].file = "moved/axpy.cu";
  ReportDiff diff = compareReports(before, after);
  ASSERT_EQ(diff.kernels.size(), 1u);
  EXPECT_EQ(diff.exit_code, 0);
  after.kernels.clear();
  EXPECT_EQ(compareReports(before, after).exit_code, 3) << "a kernel that is gone is known no longer";
}

OutcomeKind kindOf(const Outcome& before, const Outcome& after) {
  KernelReport old = provedKernel(), now = old;
  old.outcomes = {{"index.overflow", "formal", before, 0, {}}};
  now.outcomes = {{"index.overflow", "formal", after, 0, {}}};
  Report a = reportOf({old}), b = reportOf({now});
  ReportDiff diff = compareReports(a, b);
  EXPECT_EQ(diff.kernels[0].outcomes.size(), 1u);
  return diff.kernels[0].outcomes.empty() ? OutcomeKind::Other : diff.kernels[0].outcomes[0].kind;
}

TEST_F(Diff, ProofsAreWeighed) {
  const Proved all{"all sizes: n in [1, 99], d=64", {"distinct buffers"}, "z3"};
  auto with = [&](std::string scope, std::vector<std::string> assumptions) { return Proved{scope, assumptions, "z3"}; };
  EXPECT_EQ(kindOf(all, with("all sizes: n in [1, 98], d=64", {"distinct buffers"})), OutcomeKind::Weaker);
  EXPECT_EQ(kindOf(all, with("all sizes: n in [2, 99], d=64", {"distinct buffers"})), OutcomeKind::Weaker);
  EXPECT_EQ(kindOf(all, with("all sizes: n in [1, 99], d=128", {"distinct buffers"})), OutcomeKind::Weaker);
  EXPECT_EQ(kindOf(all, with("bounded: n in [1, 99], d=64", {"distinct buffers"})), OutcomeKind::Weaker);
  EXPECT_EQ(kindOf(all, with(all.scope, {"distinct buffers", "every loop ends"})), OutcomeKind::Weaker);
  EXPECT_EQ(kindOf(all, with("all sizes: m in [1, 99], d=64", {"distinct buffers"})), OutcomeKind::Weaker) << "cannot be compared";
  EXPECT_EQ(kindOf(all, with("all sizes: n in [1, 100], d=64", {"distinct buffers"})), OutcomeKind::Better);
  EXPECT_EQ(kindOf(with("bounded: n in [1, 99], d=64", {}), with("all sizes: n in [1, 99], d=64", {})), OutcomeKind::Better);
  EXPECT_EQ(kindOf(all, Tested{36, 1, std::nullopt, ""}), OutcomeKind::Weaker);
  EXPECT_EQ(kindOf(all, Unknown{"time budget", ""}), OutcomeKind::Lost);
  EXPECT_EQ(kindOf(all, Refuted{"no", ""}), OutcomeKind::Worse);
  EXPECT_EQ(kindOf(Unknown{"time budget", ""}, all), OutcomeKind::Better);
  EXPECT_EQ(kindOf(Tested{36, 1, std::nullopt, ""}, Tested{35, 1, std::nullopt, ""}), OutcomeKind::Other);
}

TEST_F(Diff, AStageThatWasNotRunIsKnownNoLonger) {
  Report before = reportOf({provedKernel()}), after = before;
  auto& outcomes = after.kernels[0].outcomes;
  std::erase_if(outcomes, [](const CheckOutcome& o) { return o.stage == "formal"; });
  EXPECT_EQ(compareReports(before, after).exit_code, 3);
  after.kernels[0].idle = {{"index.overflow", "nothing"}, {"bounds.global-write", "nothing"}};
  EXPECT_EQ(compareReports(before, after).exit_code, 0) << "there is nothing to judge any more";
}

} // namespace
} // namespace kverify::report::tests
