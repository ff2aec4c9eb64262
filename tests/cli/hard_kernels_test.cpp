// Kernels that never end, overflow, flood, or are interrupted: an answer that says so, in time, and never a pass.
#include <chrono>

#include "tests/cli/cli_fixture.h"

namespace kverify::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kForever = R"(__global__ void forever(volatile float* x) {
  while (x[0] < 1e30f) x[1] = x[1] * 0.5f;
}
)";

TEST_F(Cli, AKernelThatLoopsForeverIsInconclusive) {
  folder.write("forever.cu", kForever);
  ProgramRun run = kverify({"audit", "forever.cu", "--block", "1", "--step-limit", "2000000"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("step limit"));
}

TEST_F(Cli, RecursionThatNeverEndsIsRefutedAsAStackOverflow) {
  folder.write("deep.cu", R"(__device__ __noinline__ int deep(volatile int* x, int n) {
  return n < 0 ? x[0] : deep(x, n + 1) + x[n & 7];
}
__global__ void recurse(int* x) { x[0] = deep(x, 0); }
)");
  ProgramRun run = kverify({"audit", "deep.cu", "--block", "1"});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("stack.overflow"));
}

TEST_F(Cli, AMillionLinesOfPrintfAreCountedNotKept) {
  folder.write("flood.cu", R"(#include <cstdio>
__global__ void flood(int n) {
  for (int i = 0; i < n; ++i) printf("line %d\n", i);
}
)");
  ProgramRun run = kverify({"audit", "flood.cu", "--block", "1", "--arg", "n=1000000"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_LT(run.out.size(), 100000u) << "the flood must not reach the report";
  EXPECT_THAT(run.out, testing::ContainsRegex("printed [0-9]+ bytes"));
}

TEST_F(Cli, CtrlCGivesAPartialReport) {
  folder.write("forever.cu", kForever);
  auto start = std::chrono::steady_clock::now();
  ProgramRun run =
      kverify({"audit", "forever.cu", "--block", "1", "--format", "json", "--step-limit", "1000000000000000"},
              {.interrupt_after_seconds = 1});
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_EQ(run.exit_code, 3);
  auto report = reportOf(run);
  EXPECT_EQ(report["partial"], true);
  EXPECT_EQ(report["kernels"][0]["verdict"], "inconclusive");
  EXPECT_EQ(report["kernels"][0]["outcomes"][0]["reason"], "interrupted");
  EXPECT_LT(seconds, 20);
}

TEST_F(Cli, CtrlCKeepsWhatWasFoundBefore) {
  folder.write("a/race.cu", kRace);
  folder.write("b/forever.cu", kForever);
  ProgramRun run = kverify({"audit", "a", "b", "--jobs", "1", "--block", "32", "--step-limit", "1000000000000000"},
                           {.interrupt_after_seconds = 4});
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("error[race.shared-write-write]"), HasSubstr("interrupted: this report is partial")));
}

TEST_F(Cli, TheTimeBudgetEndsAnAudit) {
  folder.write("forever.cu", kForever);
  ProgramRun run =
      kverify({"audit", "forever.cu", "--block", "1", "--time-budget", "1s", "--step-limit", "1000000000000000"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("time budget"));
}

} // namespace
} // namespace kverify::tests
