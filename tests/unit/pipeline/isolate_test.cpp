// A kernel whose audit crashes, hangs or is killed costs its own verdict and nothing else.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/isolate.h"

namespace kverify::pipeline {
namespace {

std::vector<KernelReport> named(std::initializer_list<const char*> names) {
  std::vector<KernelReport> known;
  for (const char* name : names)
    known.push_back({.file = name});
  return known;
}

KernelReport certified(const std::string& file) {
  KernelReport report{.file = file, .verdict = Verdict::Certified};
  report.outcomes = {{"bounds.global-read", "fuzz", Tested{.cases = 1}, 0}};
  return report;
}

TEST(Isolate, ReportsComeBackInOrder) {
  auto known = named({"a", "b", "c", "d", "e"});
  std::vector<std::string> told;
  IsolateOptions options{.children = 3};
  options.finished = [&](const KernelReport& report) { told.push_back(report.file); };
  auto reports = runIsolated(
      known, [&](std::size_t i, JobLink&) { return certified(known[i].file); }, options);
  ASSERT_EQ(reports.size(), known.size());
  for (std::size_t i = 0; i < reports.size(); ++i)
    EXPECT_EQ(reports[i].file, known[i].file);
  EXPECT_EQ(told, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(reports[0].verdict, Verdict::Certified);
}

TEST(Isolate, ACrashIsInconclusiveAndTheOthersGoOn) {
  auto known = named({"fine", "crashes", "exits", "fine too"});
  auto reports = runIsolated(known,
                             [&](std::size_t i, JobLink&) {
                               if (i == 1) {
                                 std::signal(SIGABRT, SIG_DFL);
                                 std::abort();
                               }
                               if (i == 2)
                                 _exit(0); // success, but nothing said: no pass
                               return certified(known[i].file);
                             },
                             {.children = 2});
  EXPECT_EQ(reports[0].verdict, Verdict::Certified);
  EXPECT_EQ(reports[1].verdict, Verdict::Inconclusive);
  EXPECT_EQ(reports[2].verdict, Verdict::Inconclusive);
  EXPECT_EQ(reports[3].verdict, Verdict::Certified);
}

TEST(Isolate, WhatWasFoundBeforeACrashOrTheEndOfTheTimeIsNotLostAndNoPassIsKept) {
  StopSwitch stop;
  auto known = named({"crashes", "sleeps"});
  auto reports = runIsolated(known,
                             [&](std::size_t i, JobLink& link) -> KernelReport {
                               KernelReport report = certified(known[i].file);
                               report.outcomes.push_back({"bounds.global-write", "fuzz", Refuted{"out of bounds", ""}, 0});
                               report.findings = {Finding{.check = "bounds.global-write", .message = "out of bounds", .confirmed = true}};
                               if (i == 1)
                                 report.outcomes.pop_back(); // and nothing was found
                               link.soFar(report);
                               if (i == 0)
                                 raise(SIGKILL);
                               for (;;)
                                 std::this_thread::sleep_for(std::chrono::seconds(1));
                             },
                             {.stages = {.fuzz = true, .formal = true}, .children = 2, .stop = &stop,
                              .time_budget_seconds = 0.3, .grace_seconds = 0.1});
  EXPECT_EQ(reports[0].verdict, Verdict::Refuted);
  ASSERT_EQ(reports[0].findings.size(), 1u);
  EXPECT_EQ(reports[1].verdict, Verdict::Inconclusive) << "a pass of an audit that did not end is no pass";
  for (const KernelReport& report : reports) {
    EXPECT_TRUE(std::any_of(report.outcomes.begin(), report.outcomes.end(),
                            [](const CheckOutcome& o) { return o.stage == "formal"; }));
    for (const CheckOutcome& o : report.outcomes)
      EXPECT_FALSE(std::holds_alternative<Tested>(o.outcome)) << o.check;
  }
}

TEST(Isolate, TheTimeBudgetEndsAJobThatListens) {
  StopSwitch stop;
  auto known = named({"slow", "never starts"});
  auto reports = runIsolated(known,
                             [&](std::size_t, JobLink& link) {
                               while (!link.stop.stop)
                                 std::this_thread::sleep_for(std::chrono::milliseconds(5));
                               KernelReport report{.file = "slow"};
                               if (link.stop.reason == StopReason::TimeBudget)
                                 report.notes = {"told"};
                               return report;
                             },
                             {.stop = &stop, .time_budget_seconds = 0.2});
  EXPECT_EQ(reports[0].notes, std::vector<std::string>{"told"});
  EXPECT_EQ(reports[0].verdict, Verdict::Inconclusive);
  EXPECT_EQ(reports[1].verdict, Verdict::Inconclusive);
}

TEST(Isolate, TheTimeBudgetKillsAJobThatDoesNotListen) {
  StopSwitch stop;
  auto reports = runIsolated(named({"deaf"}),
                             [&](std::size_t, JobLink&) {
                               std::this_thread::sleep_for(std::chrono::seconds(100));
                               return certified("deaf");
                             },
                             {.stop = &stop, .time_budget_seconds = 0.1, .grace_seconds = 0.1});
  EXPECT_EQ(reports[0].verdict, Verdict::Inconclusive);
}

TEST(Isolate, ProgressIsPassedOn) {
  std::size_t seen = 0;
  IsolateOptions options;
  options.progress = [&](std::size_t, std::size_t, std::size_t done, std::size_t total) {
    EXPECT_LE(done, total);
    seen = std::max(seen, done);
  };
  runIsolated(
      named({"a"}),
      [&](std::size_t, JobLink& link) {
        for (std::size_t i = 1; i <= 4; ++i)
          link.progress(i, 4);
        return certified("a");
      },
      options);
  EXPECT_EQ(seen, 4u);
}

} // namespace
} // namespace kverify::pipeline
