// The fold from runs to outcomes must fail closed: only complete, clean runs count as tested.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/confirm.h"
#include "cli/pipeline/fold.h"

namespace kverify::pipeline {
namespace {

using simt::RunStatus;

const CheckInfo kRace = {"race.shared-write-write", "KV1201", "fuzz", "", "", "", ""};
const CheckInfo kBound = {"numerics.bound", "KV2001", "fuzz", "", "", "", ""};

CaseRun ran(RunStatus status = RunStatus::Completed) {
  CaseRun run{.ran = true, .status = status, .reason = "because"};
  return run;
}

CaseRun judged(double ratio) {
  CaseRun run = ran();
  run.judgement.emplace();
  run.judgement->worst_ratio = ratio;
  return run;
}

Finding raceAt(unsigned line, bool confirmed = true) {
  Finding finding{.check = kRace.id, .message = "a race", .confirmed = confirmed, .replay = "out/x.json"};
  finding.locations = {{{{"k.cu", line, 1, ""}}, "writes"}};
  return finding;
}

Outcome fold(const CheckInfo& check, const std::vector<CaseRun>& runs, const std::vector<ShownFinding>& findings = {},
             std::optional<Unknown> stopped = {}) {
  auto counted = countedRuns(runs);
  return outcomeOf(check, {.runs = counted,
                           .findings = findings,
                           .incomplete = shortfall(counted, stopped),
                           .seed = 7,
                           .scope = "N=1",
                           .judges_values = true});
}

std::string unknownCode(const Outcome& outcome) {
  const auto* unknown = std::get_if<Unknown>(&outcome);
  return unknown ? unknown->code : "not unknown";
}

TEST(Fold, CleanRunsAreTested) {
  Outcome outcome = fold(kRace, {ran(), ran()});
  ASSERT_TRUE(std::holds_alternative<Tested>(outcome));
  EXPECT_EQ(std::get<Tested>(outcome).cases, 2u);
  EXPECT_EQ(std::get<Tested>(outcome).seed, 7u);
}

TEST(Fold, NoRunIsNoPass) {
  EXPECT_EQ(unknownCode(fold(kRace, {})), unknown_reason::no_cases);
}

TEST(Fold, EveryWayToEndEarlyIsUnknown) {
  EXPECT_EQ(unknownCode(fold(kRace, {ran(), ran(RunStatus::Unsupported)})), unknown_reason::unsupported);
  EXPECT_EQ(unknownCode(fold(kRace, {ran(), ran(RunStatus::StepLimit)})), unknown_reason::step_limit);
  EXPECT_EQ(unknownCode(fold(kRace, {ran(), ran(RunStatus::Stopped)})), unknown_reason::tool_error)
      << "a stop that nobody asked for is the tool's own fault";
  EXPECT_EQ(unknownCode(fold(kRace, {ran(), ran(RunStatus::Stopped)}, {}, Unknown{unknown_reason::time_budget, ""})),
            unknown_reason::time_budget);
  EXPECT_EQ(unknownCode(fold(kRace, {ran(), CaseRun{}}, {}, Unknown{unknown_reason::interrupted, ""})),
            unknown_reason::interrupted)
      << "a case that never started is not a case that passed";
}

TEST(Fold, AToolErrorIsUnknownAndALimitSaysSo) {
  CaseRun failed = ran();
  failed.error = ToolError{ErrorKind::Internal, "broken", "", ""};
  EXPECT_EQ(unknownCode(fold(kRace, {ran(), failed})), unknown_reason::tool_error);
  failed.error->kind = ErrorKind::Limit;
  EXPECT_EQ(unknownCode(fold(kRace, {ran(), failed})), unknown_reason::memory_limit);
}

TEST(Fold, AConfirmedFindingRefutesWhateverElseHappened) {
  Outcome outcome = fold(kRace, {ran(RunStatus::Unsupported)}, {{raceAt(3), {}}});
  ASSERT_TRUE(std::holds_alternative<Refuted>(outcome));
  EXPECT_EQ(std::get<Refuted>(outcome).replay, "out/x.json");
}

TEST(Fold, AnUnconfirmedFindingIsNoAccusationAndNoPass) {
  EXPECT_EQ(unknownCode(fold(kRace, {ran()}, {{raceAt(3, false), {}}})), unknown_reason::unconfirmed);
}

TEST(Fold, ValuesCountOnlyWhereTheyWereJudged) {
  Outcome outcome = fold(kBound, {judged(0.25), judged(0.5), ran()});
  ASSERT_TRUE(std::holds_alternative<Tested>(outcome));
  EXPECT_EQ(std::get<Tested>(outcome).cases, 2u);
  EXPECT_DOUBLE_EQ(std::get<Tested>(outcome).worst_ratio.value(), 0.5);
  EXPECT_EQ(unknownCode(fold(kBound, {ran()})), unknown_reason::no_cases);
}

TEST(Fold, ACaseThatLeavesEveryElementOpenIsNoTest) {
  CaseRun open = judged(0), half_open = judged(0.25);
  open.judgement->compared = open.judgement->unbounded = 8;
  half_open.judgement->compared = 8;
  half_open.judgement->unbounded = 4;
  EXPECT_EQ(unknownCode(fold(kBound, {open})), unknown_reason::no_cases);
  Outcome outcome = fold(kBound, {open, half_open});
  ASSERT_TRUE(std::holds_alternative<Tested>(outcome));
  EXPECT_EQ(std::get<Tested>(outcome).cases, 1u);
}

TEST(Fold, CasesAfterTheFirstDeadEndDoNotCount) {
  std::vector<CaseRun> runs = {ran(), ran(RunStatus::Unsupported), ran(), ran()};
  runs[3].findings = {raceAt(9)};
  EXPECT_EQ(countedRuns(runs).size(), 2u) << "which later cases ran depends on the number of threads";
  EXPECT_TRUE(distinctFindings(countedRuns(runs)).empty());
}

TEST(Fold, OneCaseWithoutAnEndIsReportedAndTheOthersGoOn) {
  std::vector<CaseRun> runs = {ran(), ran(RunStatus::StepLimit), ran(), ran()};
  runs[3].findings = {raceAt(9)};
  EXPECT_EQ(countedRuns(runs).size(), 4u);
  EXPECT_EQ(distinctFindings(countedRuns(runs)).size(), 1u) << "what a later case shows is not lost";
  runs[2] = ran(RunStatus::StepLimit);
  EXPECT_EQ(countedRuns(runs).size(), 3u) << "two without an end: it is the kernel";
}

TEST(Fold, FindingsAreKeptOncePerPlaceFromTheSmallestCase) {
  std::vector<CaseRun> runs = {ran(), ran(RunStatus::Faulted), ran()};
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs[i].one_case.seed = i;
  runs[1].findings = {raceAt(3), raceAt(4)};
  runs[2].findings = {raceAt(3)};
  auto shown = distinctFindings(runs);
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0].one_case.seed, 1u);
}

TEST(Fold, ARaceSeenFromBothSidesIsOneFinding) {
  std::vector<CaseRun> runs = {ran()};
  Finding one = raceAt(3), mirrored = raceAt(4);
  one.locations.push_back(mirrored.locations[0]);
  mirrored.locations.push_back(one.locations[0]);
  runs[0].findings = {one, mirrored};
  EXPECT_EQ(distinctFindings(runs).size(), 1u);
}

TEST(Confirm, TheSameAccusationIsTheSameCheckAtASharedPlace) {
  std::vector<Finding> seen = {raceAt(4), raceAt(3), raceAt(3)};
  seen[2].message = "another race";
  EXPECT_EQ(findAgain(raceAt(3), seen), &seen[1]);
  EXPECT_EQ(findAgain(seen[2], seen), &seen[2]) << "the message decides where there is a choice";
  EXPECT_EQ(findAgain(raceAt(5), seen), nullptr);
  Finding other = raceAt(3);
  other.check = "race.shared-read-write";
  EXPECT_EQ(findAgain(other, seen), nullptr);
}

TEST(Fingerprint, DoesNotMoveWithTheLine) {
  EXPECT_EQ(fingerprintOf(raceAt(1), "k", "s[t] = v;\n"), fingerprintOf(raceAt(3), "k", "\n\n  s[t]  =  v;\n"));
  EXPECT_NE(fingerprintOf(raceAt(1), "k", "s[t] = v;\n"), fingerprintOf(raceAt(1), "k", "s[t] = w;\n"));
  EXPECT_NE(fingerprintOf(raceAt(1), "k", "s[t] = v;\n"), fingerprintOf(raceAt(1), "other", "s[t] = v;\n"));
}

TEST(CloseReport, TheWorstCodeWinsInTheOrderOfTheDesign) {
  auto exitOf = [](std::vector<KernelReport> kernels, bool interrupted = false) {
    Report report;
    report.kernels = std::move(kernels);
    closeReport(report, interrupted);
    return report.exit_code;
  };
  KernelReport good{.verdict = Verdict::Certified}, bad{.verdict = Verdict::Refuted}, open{};
  KernelReport failed{.error = ToolError{}};
  EXPECT_EQ(exitOf({good}), kExitCertified);
  EXPECT_EQ(exitOf({good, open}), kExitInconclusive);
  EXPECT_EQ(exitOf({good, open, failed}), kExitError);
  EXPECT_EQ(exitOf({good, open, failed, bad}), kExitRefuted);
  EXPECT_EQ(exitOf({good}, true), kExitInconclusive) << "an interrupted audit certifies nothing";
  EXPECT_EQ(exitOf({}), kExitError);
}

} // namespace
} // namespace kverify::pipeline
