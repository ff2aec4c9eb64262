// The search that coverage guides: it reaches what drawn cases miss, keeps what it learned, and says what nobody reached.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/case_corpus.h"
#include "report/json.h"
#include "report/search_text.h"
#include "tests/support/run_program.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// Sums of rows, with a way of its own for each remainder of n by 7 and one that no n of the contract takes.
std::string kernel(const std::string& at_remainder_3 = "") {
  return R"(
__global__ void copy(const float* x, float* y, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = x[i];
  if (n % 7 == 3 && threadIdx.x == 0) {
    y[0] += 0.0f;)" + at_remainder_3 + R"(
  }
  if (n % 7 == 5 && threadIdx.x == 0)
    y[0] += 0.0f;
  if (n > 400 && threadIdx.x == 0)
    y[0] *= 1.0f;
}
)";
}

constexpr const char* kContract = R"({
  "contract": 1,
  "sizes": { "N": { "range": [1, 300] } },
  "tensors": {
    "x": { "dtype": "f32", "shape": ["N"], "access": "read" },
    "y": { "dtype": "f32", "shape": ["N"], "access": "write" }
  },
  "launches": [ { "kernel": "copy", "args": ["x", "y", "N"], "grid": [1], "block": [32] } ]
})";

class SearchTest : public ::testing::Test {
protected:
  SearchTest() {
    options_.stages.formal = false;
    options_.budget.cases = 4; // few are drawn, so that much is left to be found
    options_.output = folder_.path() + "/out";
  }

  KernelReport audit(const std::string& source = kernel()) const {
    folder_.write("k.cu", source);
    folder_.write("k.contract.json", kContract);
    return auditJob({.source = folder_.path() + "/k.cu", .contract = folder_.path() + "/k.contract.json"}, options_);
  }

  static std::vector<unsigned> missed(const KernelReport& report) {
    std::vector<unsigned> lines;
    for (const LineMissed& line : report.search->coverage->lines_missed)
      lines.push_back(line.line);
    return lines;
  }

  tests::ScratchFolder folder_;
  AuditOptions options_;
};

TEST_F(SearchTest, ReachesWhatTheDrawnCasesMiss) {
  options_.search.cases = 0;
  KernelReport drawn = audit();
  ASSERT_TRUE(drawn.search && drawn.search->coverage);
  EXPECT_EQ(drawn.search->guided, 0u);
  EXPECT_THAT(missed(drawn), Contains(5u)) << "the test needs something to be found";
  options_.search = {.cases = 96, .patience = 0};
  KernelReport guided = audit();
  EXPECT_GT(guided.search->guided, 0u);
  EXPECT_GT(guided.search->kept, 0u);
  EXPECT_GT(guided.search->coverage->ways_reached, drawn.search->coverage->ways_reached);
  EXPECT_THAT(missed(guided), Not(Contains(5u)));
  EXPECT_THAT(missed(guided), Not(Contains(8u)));
}

TEST_F(SearchTest, SaysWhatNoCaseReached) {
  options_.search = {.cases = 96, .patience = 0};
  KernelReport report = audit();
  EXPECT_THAT(missed(report), ::testing::ElementsAre(10u)) << "n > 400 is outside of the contract";
  EXPECT_EQ(report.search->coverage->ways_reached + report.search->coverage->ways_missed.size(),
            report.search->coverage->ways);
  report.file = report.search->coverage->lines_missed[0].file;
  const std::string text = report::renderSearch(report, {.all_checks = true});
  EXPECT_THAT(text, AllOf(HasSubstr("no case reached line 10"), HasSubstr("branch at 9:15: never true"),
                          HasSubstr("branch at 9:7: never reached"), HasSubstr("loop at 3: ")));
  EXPECT_EQ(report.verdict, Verdict::Certified);
}

TEST_F(SearchTest, FindsADefectBehindABranchThatNoDrawnCaseTook) {
  options_.search.cases = 0;
  const std::string source = kernel(" y[n] = 1.0f;");
  ASSERT_EQ(audit(source).verdict, Verdict::Certified) << "the test needs drawn cases that do not show it";
  options_.search = {.cases = 200, .patience = 0};
  KernelReport report = audit(source);
  ASSERT_EQ(report.verdict, Verdict::Refuted);
  EXPECT_EQ(report.findings[0].check, "bounds.global-write");
  EXPECT_TRUE(report.findings[0].confirmed);
  EXPECT_THAT(report.findings[0].launch, HasSubstr("N=3")) << "made small, as every finding";
  EXPECT_EQ(report.search->ended, "something is wrong");
}

TEST_F(SearchTest, IsTheSameForTheSameSeedWithAnyNumberOfWorkers) {
  auto text = [&](unsigned workers, std::uint64_t seed) {
    options_.workers = workers;
    options_.seed = seed;
    options_.search = {.cases = 40, .patience = 0};
    KernelReport report = audit();
    report.seconds = 0;
    for (CheckOutcome& outcome : report.outcomes)
      outcome.seconds = 0;
    return report::kernelToJson(report);
  };
  EXPECT_EQ(text(1, 5), text(3, 5));
  EXPECT_NE(text(1, 5), text(1, 6));
}

TEST_F(SearchTest, WhatReachedSomethingIsKeptAndReplayedFirst) {
  options_.saved_cases = folder_.path() + "/out/cases";
  options_.search = {.cases = 96, .patience = 0};
  KernelReport first = audit();
  EXPECT_EQ(first.search->replayed, 0u);
  ASSERT_GT(first.search->kept, 0u);
  options_.search.cases = 0;
  options_.seed = 77;
  KernelReport second = audit();
  EXPECT_EQ(second.search->replayed, std::min<std::uint64_t>(first.search->kept, 12));
  EXPECT_THAT(missed(second), Not(Contains(5u))) << "what was learned is not lost";
}

TEST_F(SearchTest, EndsWhereNothingNewComesAndSaysWhy) {
  options_.search = {.cases = 1000, .patience = 16};
  KernelReport report = audit();
  EXPECT_LT(report.search->guided, 300u);
  EXPECT_THAT(report.search->ended, ::testing::AnyOf(HasSubstr("nothing new in"), HasSubstr("no more than a part")));
}

TEST_F(SearchTest, GoesOnForTheTimeThatItIsGiven) {
  options_.search = {.cases = 4, .seconds = 0.5, .patience = 0};
  KernelReport report = audit();
  EXPECT_EQ(report.search->ended, "its budget is used up");
  EXPECT_GT(report.search->guided, 4u) << "a time is not cut short by the usual number of cases";
}

TEST_F(SearchTest, WithoutAContractNothingIsSearchedButCoverageIsSaid) {
  folder_.write("k.cu", kernel());
  Job job{.source = folder_.path() + "/k.cu", .launch = contract::AssumeOptions{.grid = {1}, .block = {32}}};
  KernelReport report = auditJob(job, options_);
  ASSERT_TRUE(report.search && report.search->coverage);
  EXPECT_EQ(report.search->guided, 0u);
  EXPECT_THAT(missed(report), Contains(5u));
}

class CorpusBounds : public SearchTest {
protected:
  std::string path() const { return folder_.path() + "/cases/no-operation.json"; }
  Contract contract(const std::string& most = "300") const {
    std::string text = kContract;
    text.replace(text.find("300"), 3, most);
    folder_.write("k.contract.json", text);
    auto loaded = loadContract(folder_.path() + "/k.contract.json");
    EXPECT_TRUE(loaded);
    return *loaded;
  }
  static SavedCase saved(const char* check, std::int64_t n, const std::string& source = "a.cu") {
    return {check, source, {.seed = 1, .family = "normal", .sizes = {{"N", n}}}};
  }
};

TEST_F(CorpusBounds, KeepNewCasesAndNeverMoreThanAHundredThatOnlyReachedSomething) {
  std::vector<SavedCase> many{saved("numerics.bound", 300)};
  for (std::int64_t n = 1; n <= 150; ++n)
    many.push_back(saved(kReachedSomething, n));
  ASSERT_TRUE(saveCases(path(), many));
  const std::string text = folder_.read("cases/no-operation.json");
  std::size_t count = 0;
  for (std::size_t at = text.find("\"coverage\""); at != std::string::npos; at = text.find("\"coverage\"", at + 1))
    ++count;
  EXPECT_EQ(count, 100u);
  LoadedCases loaded = loadCases(path(), contract());
  ASSERT_THAT(loaded.cases, SizeIs(13)) << "the one that showed a defect and twelve others";
  EXPECT_EQ(loaded.cases[0].sizes.at("N"), 300) << "a defect comes first, however old";
  EXPECT_EQ(loaded.cases[1].sizes.at("N"), 150) << "then the newest";
}

TEST_F(CorpusBounds, PreferTheKernelItself) {
  std::vector<SavedCase> many{saved(kReachedSomething, 7, "own.cu")};
  for (std::int64_t n = 20; n <= 40; ++n)
    many.push_back(saved(kReachedSomething, n, "other.cu"));
  ASSERT_TRUE(saveCases(path(), many));
  LoadedCases loaded = loadCases(path(), contract(), {.source = "own.cu"});
  ASSERT_THAT(loaded.cases, SizeIs(12));
  EXPECT_EQ(loaded.cases[0].sizes.at("N"), 7);
}

TEST_F(CorpusBounds, WhatDoesNotExistOrCostsTooMuchIsRejectedNotRun) {
  SavedCase kept = saved("numerics.bound", 5), changed = kept, integer = kept, large = saved("numerics.bound", 9000);
  kept.one_case.kept["x"] = {2, 5};
  changed.one_case.changed["x"] = {{-1, 0.5}};
  integer.one_case.changed["y"] = {{0, 0.5}};
  ASSERT_TRUE(saveCases(path(), {kept, changed, integer, large, saved("numerics.bound", 4)}));
  LoadedCases loaded = loadCases(path(), contract("9000"), {.work = 3000});
  EXPECT_THAT(loaded.cases, SizeIs(1));
  EXPECT_EQ(loaded.rejected, 4u) << "element 5 of 5, element -1, an output, a case that is too large";
}

} // namespace
} // namespace kverify::pipeline
