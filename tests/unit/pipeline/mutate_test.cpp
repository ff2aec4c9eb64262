// Mutants of small kernels: who kills them, and which are no other program.
#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/pipeline/adequacy_run.h"
#include "cli/pipeline/mutant_sample.h"
#include "cli/pipeline/mutate.h"
#include "tests/support/run_program.h"

namespace kverify::pipeline {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;

constexpr const char* kContract = R"({
  "contract": 1, "spec": "softmax",
  "sizes": { "R": { "range": [1, 30] }, "N": { "range": [1, 300] } },
  "tensors": {
    "x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
    "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write" }
  },
  "launches": [ { "kernel": "softmax_rows", "args": ["x", "y", "N"], "grid": ["R"], "block": [32] } ]
})";

/// Every lane has the row's maximum and sum at the end of the shuffles.
constexpr const char* kKernel = R"(
__global__ void softmax_rows(const float* x, float* y, int n) {
  const float* row = x + blockIdx.x * n;
  float top = -INFINITY;
  for (int j = threadIdx.x; j < n; j += 32) top = fmaxf(top, row[j]);
  for (int step = 16; step > 0; step /= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, step));
  float sum = 0.0f;
  for (int j = threadIdx.x; j < n; j += 32) sum += expf(row[j] - top);
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  float shared_sum = __shfl_sync(0xffffffffu, sum, 0);
  for (int j = threadIdx.x; j < n; j += 32) y[blockIdx.x * n + j] = expf(row[j] - top) / shared_sum;
}
)";

Job jobIn(const tests::ScratchFolder& folder, const std::string& kernel = kKernel) {
  folder.write("k.cu", kernel);
  folder.write("k.contract.json", kContract);
  return {.source = folder.path() + "/k.cu", .contract = folder.path() + "/k.contract.json"};
}

MutationReport mutate(const Job& job, std::vector<mutate::Operator> operators) {
  MutationOptions options;
  options.audit.stages = {.fuzz = true, .formal = false, .stability = true};
  options.audit.budget.cases = 18;
  options.operators = std::move(operators);
  return mutateJob(job, options);
}

/// The mutant at this line of the kernel's text with this change.
const MutantResult& at(const MutationReport& report, unsigned line, const std::string& change) {
  auto found = std::find_if(report.mutants.begin(), report.mutants.end(), [&](const MutantResult& one) {
    return one.mutation.where.line == line && one.mutation.change == change;
  });
  static const MutantResult none;
  EXPECT_NE(found, report.mutants.end()) << "no mutant '" << change << "' at line " << line;
  return found == report.mutants.end() ? none : *found;
}

TEST(MutateJob, AWrongConstantIsKilledByTheCases) {
  tests::ScratchFolder folder;
  MutationReport report = mutate(jobIn(folder), {mutate::Operator::ConstantChanged});
  ASSERT_FALSE(report.error) << report.error->message;
  const MutantResult& sum = at(report, 7, "0 became 1");
  EXPECT_EQ(sum.fate, Fate::Killed);
  EXPECT_EQ(sum.stage, stage_name::cases);
  EXPECT_EQ(sum.check, "numerics.bound");
  EXPECT_THAT(report.killedBy(), Contains(Key("cases")));
}

TEST(MutateJob, AnotherLaneThatHoldsTheSameSumIsTheSameFunctionAndNoProof) {
  tests::ScratchFolder folder;
  MutationReport report = mutate(jobIn(folder), {mutate::Operator::ConstantChanged});
  ASSERT_FALSE(report.error) << report.error->message;
  const MutantResult& steps = at(report, 9, "16 became 17");
  EXPECT_EQ(steps.fate, Fate::SameFunction) << "17, 8, 4, 2, 1 reach every lane: " << steps.detail;
  EXPECT_THAT(steps.detail, HasSubstr("equal in a finite field"));
  EXPECT_LT(report.score(), report.scoreOfOtherFunctions());
}

TEST(MutateJob, AMaximumThatMissesAnElementIsNoSameFunction) {
  tests::ScratchFolder folder;
  MutationReport report = mutate(jobIn(folder), {mutate::Operator::ConstantChanged});
  ASSERT_FALSE(report.error) << report.error->message;
  const MutantResult& stride = at(report, 5, "32 became 33");
  EXPECT_EQ(stride.fate, Fate::Killed) << "the shifted exponential of a lost maximum overflows: " << stride.detail;
}

TEST(MutateJob, TheNumberInAGuardOfMaskedRowsIsTheSameFunction) {
  tests::ScratchFolder folder;
  Job job = jobIn(folder, R"(
__global__ void softmax_rows(const float* x, float* y, int n) {
  const float* row = x + blockIdx.x * n;
  float top = -INFINITY, sum = 0.0f;
  for (int j = 0; j < n; ++j) top = fmaxf(top, row[j]);
  float shift = top == -INFINITY ? 0.0f : top;
  for (int j = 0; j < n; ++j) sum += expf(row[j] - shift);
  float inverse = sum == 0.0f ? 0.0f : 1.0f / sum;
  for (int j = threadIdx.x; j < n; j += 32) y[blockIdx.x * n + j] = expf(row[j] - shift) * inverse;
}
)");
  std::string contract = kContract;
  contract.insert(contract.rfind('}'), R"(, "options": { "masked_scores": "rows", "masked_rows": "zero" })");
  folder.write("k.contract.json", contract);
  MutationReport report = mutate(job, {mutate::Operator::ConstantChanged});
  ASSERT_FALSE(report.error) << report.error->message;
  for (unsigned line : {6u, 8u}) { // line 8 compares with a 0, too
    const auto same = std::count_if(report.mutants.begin(), report.mutants.end(), [&](const MutantResult& one) {
      return one.mutation.where.line == line && one.mutation.change == "0 became 1" && one.fate == Fate::SameFunction;
    });
    EXPECT_EQ(same, 1) << "line " << line << ": " << at(report, line, "0 became 1").detail;
  }
}

TEST(MutateJob, ALaneTooFarIsNoSameFunction) {
  tests::ScratchFolder folder;
  MutationReport report = mutate(jobIn(folder), {mutate::Operator::ShuffleWidth});
  ASSERT_FALSE(report.error) << report.error->message;
  EXPECT_EQ(at(report, 9, "the width 32 became 16").fate, Fate::Killed);
}

TEST(MutateJob, ABarrierThatNothingNeedsIsEquivalentAndOneThatIsNeededIsKilled) {
  tests::ScratchFolder folder;
  MutationReport report = mutate(jobIn(folder, R"(
__global__ void softmax_rows(const float* x, float* y, int n) {
  __shared__ float sum[32];
  float top = -INFINITY, own = 0.0f;
  for (int j = 0; j < n; ++j) top = fmaxf(top, x[blockIdx.x * n + j]);
  for (int j = threadIdx.x; j < n; j += 32) own += expf(x[blockIdx.x * n + j] - top);
  __syncthreads();
  sum[threadIdx.x] = own;
  __syncthreads();
  float all = 0.0f;
  for (int j = 0; j < 32; ++j) all += sum[j];
  for (int j = threadIdx.x; j < n; j += 32) y[blockIdx.x * n + j] = expf(x[blockIdx.x * n + j] - top) / all;
}
)"),
                                 {mutate::Operator::BarrierRemoved});
  ASSERT_FALSE(report.error) << report.error->message;
  EXPECT_EQ(at(report, 7, "the barrier is gone").fate, Fate::Equivalent) << at(report, 7, "the barrier is gone").detail;
  EXPECT_EQ(at(report, 9, "the barrier is gone").fate, Fate::Killed);
}

std::optional<Subject> subjectOf(const Job& job) {
  auto subject = prepare(job, {});
  EXPECT_TRUE(subject) << subject.error().message;
  return subject ? std::optional(std::move(*subject)) : std::nullopt;
}

MutantSample sampleOf(const Job& job) {
  AuditOptions options;
  auto subject = subjectOf(job);
  auto cases = casesOf(*subject, 1, {});
  return judgeMutants(*subject, cases->cases, options);
}

TEST(MutantSample, OfAGoodKernelIsRejectedAsAWhole) {
  tests::ScratchFolder folder;
  MutantSample sample = sampleOf(jobIn(folder));
  EXPECT_GE(sample.total, 4u);
  EXPECT_EQ(sample.rejected, sample.total);
  EXPECT_THAT(sample.survivors, IsEmpty());
  EXPECT_EQ(sample.undecided, 0u) << "what passes is the same function, and the field shows it";
}

TEST(MutantSample, IsTheSameInEveryRun) {
  tests::ScratchFolder folder;
  const Job job = jobIn(folder);
  MutantSample one = sampleOf(job), two = sampleOf(job);
  EXPECT_EQ(one.total, two.total);
  EXPECT_EQ(one.rejected, two.rejected);
}

TEST(MutantSample, ABoundThatIsTooWideIsNamedByItsSurvivor) {
  tests::ScratchFolder folder;
  Job job = jobIn(folder);
  std::string contract = kContract;
  contract.insert(contract.rfind('}'), R"(, "precision": { "sum": "bf16" })");
  folder.write("k.contract.json", contract);
  MutantSample sample = sampleOf(job);
  EXPECT_LT(sample.rejected, sample.total);
  EXPECT_THAT(sample.survivors, Contains(HasSubstr("every partial sum is rounded to bfloat16")));
}

TEST(Adequacy, CountsTheMutantsToo) {
  Adequacy adequacy{.rejected = 9, .total = 10, .floor = 0.9, .survivors = {}, .mutants = Adequacy::Mutants{3, 10, 0}};
  EXPECT_FALSE(adequacy.suffices()) << "12 of 20";
  adequacy.mutants->rejected = 9;
  EXPECT_TRUE(adequacy.suffices());
  adequacy.mutants.reset();
  EXPECT_TRUE(adequacy.suffices());
}

} // namespace
} // namespace kverify::pipeline
