// Jobs that do what they must not: each costs its own verdict, by name, and the others go on.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/isolate.h"
#include "report/json.h"
#include "sandbox/probe.h"
#include "tests/support/run_program.h"

namespace kverify::pipeline {
namespace {

using testing::HasSubstr;

KernelReport certified(const std::string& file) {
  KernelReport report{.file = file, .verdict = Verdict::Certified};
  report.outcomes = {{"bounds.global-read", "fuzz", Tested{.cases = 1}, 0}};
  return report;
}

/// Takes memory and never gives it back.
void touch(std::size_t bytes) {
  auto* at = static_cast<volatile char*>(std::malloc(bytes));
  for (std::size_t i = 0; i < bytes; i += 4096)
    at[i] = 1;
}

class HostileJob : public testing::Test {
protected:
  HostileJob() : filter(sandbox::SystemCallFilter::create()) {
    for (const char* name : {"/out", "/tmp", "/other", "/probe"})
      std::filesystem::create_directory(folder.path() + name);
    options.cage.policy.writable = {folder.path() + "/out"};
    options.tmp = folder.path() + "/tmp";
    options.grace_seconds = 0.2;
    options.kernel_seconds = 30; // so that a test that is wrong ends
    sandbox::Policy trial = options.cage.policy;
    trial.tmp = folder.path() + "/probe";
    options.cage.layers = sandbox::probe(trial, filter.get(), folder.path() + "/other").layers;
    options.cage.filter = filter.get();
  }

  /// The hostile job between two honest ones; its report, and the others are as they should be.
  KernelReport judge(const std::function<void(JobLink&)>& hostile) {
    std::vector<KernelReport> known = {{.file = "before"}, {.file = "hostile"}, {.file = "after"}};
    auto reports = runIsolated(known, [&](std::size_t i, JobLink& link) {
      if (i == 1)
        hostile(link);
      return certified(known[i].file);
    }, options);
    EXPECT_EQ(reports[0].verdict, Verdict::Certified);
    EXPECT_EQ(reports[2].verdict, Verdict::Certified);
    return reports[1];
  }

  static Unknown why(const KernelReport& report) {
    for (const CheckOutcome& one : report.outcomes)
      if (const auto* unknown = std::get_if<Unknown>(&one.outcome))
        return *unknown;
    return {"nothing is unknown", ""};
  }

  tests::ScratchFolder folder;
  std::unique_ptr<sandbox::SystemCallFilter> filter;
  IsolateOptions options;
};

TEST_F(HostileJob, ACrashIsNamedWithItsLastWords) {
  KernelReport report = judge([](JobLink&) {
    std::fputs("LLVM ERROR: \x1b[31mout of luck\n", stderr);
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
  });
  EXPECT_EQ(report.verdict, Verdict::Inconclusive);
  EXPECT_EQ(why(report).code, unknown_reason::crash);
  EXPECT_THAT(why(report).detail, HasSubstr("Segmentation fault"));
  EXPECT_THAT(why(report).detail, HasSubstr("out of luck"));
  EXPECT_THAT(why(report).detail, testing::Not(HasSubstr("\x1b"))) << "what a terminal would obey";
}

TEST_F(HostileJob, AMemoryHogIsEndedAtItsLimit) {
  options.memory_bytes = 256 << 20;
  KernelReport report = judge([](JobLink&) {
    for (int i = 0; i < 400; ++i) { // 1.6 GiB at last, at a pace that the watch can follow
      touch(4 << 20);
      std::this_thread::sleep_for(std::chrono::milliseconds(4));
    }
  });
  EXPECT_EQ(report.verdict, Verdict::Inconclusive);
  EXPECT_EQ(why(report).code, unknown_reason::memory_limit);
  EXPECT_THAT(why(report).detail, HasSubstr("more than the 256 MiB allowed"));
}

TEST_F(HostileJob, MemoryOfWhatItStartedCountsToo) {
  options.memory_bytes = 256 << 20;
  KernelReport report = judge([](JobLink&) {
    for (int child = 0; child < 4; ++child)
      if (fork() == 0) {
        touch(100 << 20);
        for (;;)
          pause();
      }
    for (;;)
      pause();
  });
  EXPECT_EQ(why(report).code, unknown_reason::memory_limit);
}

TEST_F(HostileJob, AnEndlessOneIsEndedAtItsTime) {
  options.kernel_seconds = 0.3;
  auto start = std::chrono::steady_clock::now();
  KernelReport report = judge([](JobLink&) {
    for (std::atomic<int> i{0};; ++i) {
    }
  });
  EXPECT_EQ(report.verdict, Verdict::Inconclusive);
  EXPECT_EQ(why(report).code, unknown_reason::time_limit);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(HostileJob, OneThatListensKeepsWhatItKnowsAtItsTime) {
  options.kernel_seconds = 0.2;
  options.grace_seconds = 30;
  KernelReport report = judge([](JobLink& link) {
    while (!link.stop.stop)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  EXPECT_EQ(report.verdict, Verdict::Certified) << "it ended by itself, with a report";
}

TEST_F(HostileJob, AForkBombIsEnded) {
  options.processes = 40;
  KernelReport report = judge([](JobLink&) {
    for (int i = 0; i < 100; ++i)
      if (fork() == 0)
        for (;;)
          pause();
    for (;;)
      pause();
  });
  EXPECT_EQ(why(report).code, unknown_reason::process_limit);
}

TEST_F(HostileJob, NoSocketAndNoFileOutside) {
  if (!options.cage.layers.system_calls || !options.cage.layers.confinesWrites())
    GTEST_SKIP() << "this machine has neither seccomp nor a way to confine writes";
  std::string outside = folder.path() + "/other/file", inside = folder.path() + "/out/file";
  KernelReport report = judge([&](JobLink&) {
    bool socket_made = socket(AF_INET, SOCK_STREAM, 0) >= 0;
    bool file_made = open(outside.c_str(), O_WRONLY | O_CREAT, 0600) >= 0;
    bool own_made = open(inside.c_str(), O_WRONLY | O_CREAT, 0600) >= 0;
    if (socket_made || file_made || !own_made)
      std::abort();
  });
  EXPECT_EQ(report.verdict, Verdict::Certified) << why(report).detail;
  EXPECT_FALSE(std::filesystem::exists(outside));
  EXPECT_TRUE(std::filesystem::exists(inside));
}

TEST_F(HostileJob, TheTemporaryFolderIsGoneAfterwards) {
  judge([](JobLink&) {
    std::string path = std::string(std::getenv("TMPDIR")) + "/file";
    if (open(path.c_str(), O_WRONLY | O_CREAT, 0600) < 0)
      std::abort();
  });
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() + "/tmp"));
}

TEST_F(HostileJob, WhatItRefutedBeforeItDiedStaysRefuted) {
  KernelReport report = judge([](JobLink& link) {
    KernelReport found{.file = "hostile", .kernel = "k"};
    found.outcomes = {{"bounds.global-read", "fuzz", Refuted{"out of bounds", "out/a.json"}, 0},
                      {"bounds.global-write", "fuzz", Tested{.cases = 9}, 0}};
    found.findings = {{.check = "bounds.global-read", .confirmed = true}, {.check = "init.shared-read", .confirmed = false}};
    link.soFar(found);
    raise(SIGKILL);
  });
  EXPECT_EQ(report.verdict, Verdict::Refuted);
  ASSERT_EQ(report.findings.size(), 1u) << "only what a run confirmed";
  EXPECT_EQ(report.findings[0].check, "bounds.global-read");
  for (const CheckOutcome& one : report.outcomes)
    EXPECT_FALSE(std::holds_alternative<Tested>(one.outcome)) << "nothing of a job that died counts as passed: " << one.check;
}

TEST_F(HostileJob, ItsOwnWordForTheVerdictDoesNotCount) {
  std::vector<KernelReport> known = {{.file = "hostile", .contract = "its contract"}};
  auto reports = runIsolated(known, [&](std::size_t, JobLink&) {
    KernelReport report = certified("someone else's");
    report.contract = "another contract";
    report.outcomes.push_back({"bounds.global-write", "fuzz", Unknown{"no cases", ""}, 0});
    return report;
  }, options);
  EXPECT_EQ(reports[0].verdict, Verdict::Inconclusive);
  EXPECT_EQ(reports[0].file, "hostile");
  EXPECT_EQ(reports[0].contract, "its contract");
}

TEST_F(HostileJob, AReportThatIsNoneIsInconclusive) {
  std::vector<KernelReport> known = {{.file = "hostile"}};
  int pipe_end = -1;
  auto reports = runIsolated(known, [&](std::size_t, JobLink&) -> KernelReport {
    constexpr char kReport[] = "R {\"certified\": true}\n";
    for (pipe_end = 3; pipe_end < 64; ++pipe_end) // whichever it is
      (void)!write(pipe_end, kReport, sizeof(kReport) - 1);
    _exit(0);
  }, options);
  EXPECT_EQ(reports[0].verdict, Verdict::Inconclusive);
  EXPECT_EQ(why(reports[0]).code, unknown_reason::tool_error);
}

TEST_F(HostileJob, AFloodOnItsOutputIsNotKept) {
  KernelReport report = judge([](JobLink&) {
    std::string line(1000, 'x');
    line.back() = '\n';
    for (int i = 0; i < 20000; ++i)
      (void)!write(1, line.data(), line.size());
    std::abort();
  });
  EXPECT_EQ(why(report).code, unknown_reason::crash);
  EXPECT_LT(why(report).detail.size(), 500u);
}

TEST_F(HostileJob, AJobThatClosesItsPipeAndGoesOnIsStillEnded) {
  options.kernel_seconds = 0.3;
  KernelReport report = judge([](JobLink&) {
    for (int fd = 0; fd < 64; ++fd)
      close(fd);
    for (;;)
      pause();
  });
  EXPECT_EQ(why(report).code, unknown_reason::time_limit);
}

TEST_F(HostileJob, OneThatIsKnownIsNotRunAgain) {
  std::vector<KernelReport> known = {{.file = "a"}, {.file = "b"}};
  std::vector<std::string> settled;
  options.before = [&](std::size_t i) { return i == 0 ? std::optional(certified("a")) : std::nullopt; };
  options.settled = [&](std::size_t, KernelReport& report, bool whole) { settled.push_back(report.file + (whole ? "" : "?")); };
  auto reports = runIsolated(known, [&](std::size_t i, JobLink&) {
    if (i == 0)
      std::abort();
    return certified("b");
  }, options);
  EXPECT_EQ(reports[0].verdict, Verdict::Certified);
  EXPECT_EQ(settled, (std::vector<std::string>{"a", "b"}));
}

TEST_F(HostileJob, WhatItWantsKeptIsKeptOnlyIfItEndedWell) {
  std::vector<KernelReport> known = {{.file = "a"}, {.file = "b"}};
  std::vector<std::string> kept;
  options.keep = [&](std::size_t i, const std::string& text) { kept.push_back(std::to_string(i) + text); };
  runIsolated(known, [&](std::size_t i, JobLink& link) {
    link.keep(" proofs\nand more");
    if (i == 1)
      std::abort();
    return certified("a");
  }, options);
  EXPECT_EQ(kept, (std::vector<std::string>{"0 proofs and more"}));
}

} // namespace
} // namespace kverify::pipeline
