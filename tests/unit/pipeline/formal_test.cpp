// What becomes of proofs and accusations once both are known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/pipeline/formal.h"

namespace kverify::pipeline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

CheckOutcome proved(const char* check) {
  return {check, "formal", Proved{"all sizes", {}, "z3", "h"}, 0};
}

CheckOutcome refuted(const char* check, const char* stage = "fuzz") {
  return {check, stage, Refuted{"seen", ""}, 0};
}

ShownFinding shown(const char* check, bool confirmed) {
  ShownFinding one;
  one.finding.check = check;
  one.finding.message = "two threads met";
  one.finding.replay = "out/a.json";
  one.finding.confirmed = confirmed;
  return one;
}

std::string codeOf(const CheckOutcome& one) {
  const auto* unknown = std::get_if<Unknown>(&one.outcome);
  return unknown ? unknown->code : "no Unknown";
}

TEST(Reconcile, AProofThatARunBrokeIsSaidLoudly) {
  KernelReport report;
  report.outcomes = {refuted("race.shared-read-write"), proved("race.shared-read-write"), proved("bounds.local")};
  reconcile(report);
  EXPECT_EQ(codeOf(report.outcomes[1]), unknown_reason::tool_error);
  EXPECT_TRUE(std::holds_alternative<Proved>(report.outcomes[2].outcome));
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_THAT(report.notes[0], HasSubstr("CONTRADICTS ITSELF"));
}

TEST(Reconcile, ARaceProofIsVoidWhereAccessesLeaveTheirArrays) {
  KernelReport report;
  report.outcomes = {refuted("race.shared-read-write"), refuted("bounds.shared-write"),
                     proved("race.shared-read-write")};
  reconcile(report);
  EXPECT_EQ(codeOf(report.outcomes[2]), "not proved");
  EXPECT_THAT(report.notes, IsEmpty()) << "the proof says that it stands on bounds";
}

TEST(Reconcile, ABoundsProofIsNeverVoid) {
  KernelReport report;
  report.outcomes = {refuted("bounds.shared-write"), proved("bounds.shared-write")};
  reconcile(report);
  EXPECT_EQ(codeOf(report.outcomes[1]), unknown_reason::tool_error);
}

TEST(WithFindings, OnlyASecondRunMakesAnAccusation) {
  std::vector<CheckOutcome> outcomes = {refuted("race.shared-read-write", "formal")};
  EXPECT_EQ(codeOf(withFindings(outcomes, {})[0]), unknown_reason::unconfirmed);
  EXPECT_EQ(codeOf(withFindings(outcomes, {shown("race.shared-read-write", false)})[0]), unknown_reason::unconfirmed);
  auto settled = withFindings(outcomes, {shown("race.shared-read-write", false), shown("race.shared-read-write", true)});
  ASSERT_TRUE(std::holds_alternative<Refuted>(settled[0].outcome));
  EXPECT_EQ(std::get<Refuted>(settled[0].outcome).replay, "out/a.json");
}

TEST(WithFindings, WhatElseTheRunShowedIsRefutedToo) {
  auto settled = withFindings({proved("bounds.local")}, {shown("output.unwritten", true), shown("align.access", false)});
  ASSERT_EQ(settled.size(), 2u);
  EXPECT_EQ(settled[1].check, "output.unwritten");
  EXPECT_TRUE(std::holds_alternative<Refuted>(settled[1].outcome));
}

TEST(WithFindings, ADeadlockShowsABarrierThatNotAllReach) {
  auto settled = withFindings({refuted("barrier.divergent", "formal")}, {shown("barrier.deadlock", true)});
  EXPECT_TRUE(std::holds_alternative<Refuted>(settled[0].outcome));
}

} // namespace
} // namespace kverify::pipeline
