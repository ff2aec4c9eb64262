// Counterexamples become small, say what does not matter, and are kept for the next audit.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/case_corpus.h"
#include "tests/support/run_program.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Adds 1 where x is large, and only in rows longer than 20: both must survive the shrinking.
constexpr const char* kKernel = R"(
__global__ void softmax_rows(const float* x, float* y, int n) {
  const float* row = x + blockIdx.x * n;
  float row_max = -INFINITY;
  for (int j = 0; j < n; ++j) row_max = fmaxf(row_max, row[j]);
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += expf(row[j] - row_max);
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = expf(row[j] - row_max) / sum;
  if (n > 20 && row[3] > 1.0f) y[blockIdx.x * n] += 1.0f;
}
)";

constexpr const char* kContract = R"({
  "contract": 1, "spec": "softmax",
  "sizes": { "R": { "range": [1, 30] }, "N": { "range": [1, 200] } },
  "tensors": {
    "x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
    "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write" }
  },
  "launches": [ { "kernel": "softmax_rows", "args": ["x", "y", "N"], "grid": ["R"], "block": [1] } ]
})";

class Shrink : public ::testing::Test {
protected:
  Shrink() {
    folder_.write("k.cu", kKernel);
    folder_.write("k.contract.json", kContract);
    job_ = {.source = folder_.path() + "/k.cu", .contract = folder_.path() + "/k.contract.json"};
    options_.stages.formal = false;
    options_.output = folder_.path() + "/out";
    options_.saved_cases = folder_.path() + "/out/cases";
  }

  std::string corpus() const { return options_.saved_cases + "/softmax.json"; }

  tests::ScratchFolder folder_;
  Job job_;
  AuditOptions options_;
};

TEST_F(Shrink, FindsTheEdgeTheOneValueAndWhatDoesNotMatter) {
  KernelReport report = auditJob(job_, options_);
  ASSERT_EQ(report.verdict, Verdict::Refuted);
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_TRUE(report.findings[0].confirmed);
  // 21 columns are the fewest that show it, one row is enough, and of x one element: the one that is looked at.
  EXPECT_THAT(report.findings[0].launch, AllOf(HasSubstr("N=21"), HasSubstr("R=1")));
  EXPECT_THAT(report.examples[report.findings[0].replay], AllOf(HasSubstr("N="), HasSubstr("x zeros but for x[0,3]=")));
}

TEST_F(Shrink, WhatWasFoundIsReplayedFirstTheNextTime) {
  ASSERT_EQ(auditJob(job_, options_).verdict, Verdict::Refuted);
  ASSERT_TRUE(fs::exists(corpus()));
  options_.seed = 99;
  KernelReport again = auditJob(job_, options_);
  ASSERT_TRUE(again.search);
  EXPECT_EQ(again.search->replayed, 1u);
  EXPECT_THAT(again.findings[0].launch, AllOf(HasSubstr("N=21"), HasSubstr("R=1")));
}

TEST_F(Shrink, ABrokenCorpusIsPutAsideAndSaid) {
  fs::create_directories(options_.saved_cases);
  std::ofstream(corpus()) << "{ \"format\": \"kverify.cas";
  KernelReport report = auditJob(job_, options_);
  EXPECT_EQ(report.verdict, Verdict::Refuted) << "the audit goes on";
  EXPECT_THAT(report.notes, ::testing::Contains(AllOf(HasSubstr("is not a file of saved cases"), HasSubstr(".broken-1"))));
  EXPECT_TRUE(fs::exists(corpus() + ".broken-1")) << "nothing is lost";
  EXPECT_TRUE(fs::exists(corpus())) << "a new one is begun";
}

TEST_F(Shrink, ABrokenEntryCostsItselfOnly) {
  ASSERT_EQ(auditJob(job_, options_).verdict, Verdict::Refuted);
  std::string text = folder_.read("out/cases/softmax.json");
  text.insert(text.find("[") + 1, "{\"check\": 7},");
  std::ofstream(corpus(), std::ios::trunc) << text;
  auto contract = loadContract(job_.contract);
  ASSERT_TRUE(contract);
  LoadedCases loaded = loadCases(corpus(), *contract);
  EXPECT_THAT(loaded.cases, ::testing::Not(::testing::IsEmpty()));
  EXPECT_THAT(loaded.problems, SizeIs(1));
}

TEST_F(Shrink, CasesOfOtherSizesAreRejectedNotRun) {
  auto contract = loadContract(job_.contract);
  ASSERT_TRUE(contract);
  generate::Case fits{.seed = 1, .family = "normal", .sizes = {{"R", 2}, {"N", 3}}};
  generate::Case too_large = fits, other_names = fits, no_family = fits;
  too_large.sizes["N"] = 201;
  other_names.sizes = {{"B", 1}, {"Nk", 2}};
  no_family.family = "nobody";
  ASSERT_TRUE(saveCases(corpus(), {{"numerics.bound", "a.cu", fits},
                                   {"numerics.bound", "a.cu", too_large},
                                   {"numerics.bound", "a.cu", other_names},
                                   {"numerics.bound", "a.cu", no_family}}));
  LoadedCases loaded = loadCases(corpus(), *contract);
  EXPECT_THAT(loaded.cases, SizeIs(1));
  EXPECT_EQ(loaded.rejected, 3u);
  EXPECT_THAT(loaded.problems, SizeIs(0));
}

TEST_F(Shrink, ACorpusThatCantBeWrittenIsANoteAndNoVerdictIsLost) {
  folder_.write("out/cases", "a file where the folder should be");
  KernelReport report = auditJob(job_, options_);
  EXPECT_EQ(report.verdict, Verdict::Refuted);
  EXPECT_THAT(report.notes, ::testing::Contains(HasSubstr("can't be saved")));
}

} // namespace
} // namespace kverify::pipeline
