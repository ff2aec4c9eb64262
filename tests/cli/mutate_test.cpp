// kverify mutate as a user meets it.
#include <fstream>

#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Mutate : public Cli {
protected:
  void SetUp() override {
    folder.write("twice.cu", kTwice);
    folder.write("twice.contract.json", kTwiceContract);
  }
};

TEST_F(Mutate, KillsAndSaysByWhom) {
  ProgramRun run = kverify({"mutate", "twice.cu", "--operators", "compare-weakened,index-shifted", "-v"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("killed: compare-weakened: `<` became `<=`"));
  EXPECT_THAT(run.out, HasSubstr("twice.cu:3:"));
  EXPECT_THAT(run.out, HasSubstr("= by cases: bounds.global-"));
}

TEST_F(Mutate, WithoutReferenceAWrongFactorSurvivesAndThatIsSaid) {
  ProgramRun run = kverify({"mutate", "twice.cu", "--operators", "constant-changed"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("survived: constant-changed: 2 became 2.03125"));
  EXPECT_THAT(run.out, HasSubstr("if (i < n) y[i] = 2.0f * x[i];")) << "the line of the source";
  EXPECT_EQ(kverify({"mutate", "twice.cu", "--operators", "constant-changed", "--floor", "0"}).exit_code, 0);
}

TEST_F(Mutate, WhatNoLaunchOfTheContractGetsToIsNoOtherProgram) {
  folder.write("twice.cu", R"(__global__ void twice(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (n > 1000000) y[i] = x[i] * 3.0f;
  if (i < n) y[i] = x[i];
}
)");
  ProgramRun run = kverify({"mutate", "twice.cu", "--operators", "rescale-dropped", "-v"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("equivalent: rescale-dropped"));
  EXPECT_THAT(run.out, HasSubstr("= proved: no launch of the contract gets there"));
}

TEST_F(Mutate, WhatNoCaseGetsToSurvives) {
  folder.write("twice.cu", R"(__global__ void twice(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] == 0.7251f ? x[i] * 3.0f : x[i];
}
)");
  ProgramRun run = kverify({"mutate", "twice.cu", "--operators", "rescale-dropped"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("survived: rescale-dropped"));
  EXPECT_THAT(run.out, HasSubstr("= no case executes it")) << "that is no proof";
}

TEST_F(Mutate, AComparisonThatASolverCannotTellApartIsNoOtherProgram) {
  folder.write("twice.cu", R"(__global__ void twice(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int even = 2 * (i / 2), odd = 2 * n + 1;
  if (i < n && even < odd) y[i] = x[i];
}
)");
  ProgramRun run = kverify({"mutate", "twice.cu", "--operators", "compare-weakened", "-v"});
  EXPECT_THAT(run.out, HasSubstr("= proved: the same value in every launch of the contract")) << run.out << run.err;
}

TEST_F(Mutate, TheJsonKeepsItsSchema) {
  ProgramRun run = kverify({"mutate", "twice.cu", "--format", "json"});
  std::ifstream in(SCHEMA_DIR "/mutation.schema.json");
  auto report = reportOf(run);
  EXPECT_THAT(violations(nlohmann::json::parse(in), report), IsEmpty());
  ASSERT_EQ(report["kernels"].size(), 1u);
  const auto& counts = report["kernels"][0]["counts"];
  EXPECT_GE(counts["mutants"].get<int>(), 6);
  EXPECT_EQ(counts["mutants"].get<int>(), counts["killed"].get<int>() + counts["survived"].get<int>() +
                                              counts["equivalent"].get<int>() + counts["same_function"].get<int>() +
                                              counts["unjudged"].get<int>());
  int by_stage = 0;
  for (const auto& [stage, count] : report["kernels"][0]["killed_by"].items())
    by_stage += count.get<int>();
  EXPECT_EQ(by_stage, counts["killed"].get<int>());
  EXPECT_EQ(report["exit_code"], run.exit_code);
}

TEST_F(Mutate, AKernelThatIsWrongHasNoMutantsWorthJudging) {
  folder.write("twice.cu", R"(__global__ void twice(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = 2.0f * x[i];
}
)");
  ProgramRun run = kverify({"mutate", "twice.cu"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, HasSubstr("the kernel itself is wrong (bounds.global-"));
}

TEST_F(Mutate, MistypedOperatorsAndStagesAreSaid) {
  EXPECT_THAT(kverify({"mutate", "twice.cu", "--operators", "barier-removed"}).err,
              HasSubstr("did you mean 'barrier-removed'?"));
  EXPECT_THAT(kverify({"mutate", "twice.cu", "--stages", "static"}).err, HasSubstr("no source of their own"));
}

} // namespace
} // namespace kverify::tests
