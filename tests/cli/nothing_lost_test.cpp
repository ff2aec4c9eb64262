// Contradictions, kernels that misbehave and disks that are full: one clear sentence each, and nothing else is lost.
#include <filesystem>

#include "tests/cli/cli_fixture.h"

namespace kverify::tests {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class NothingLost : public Cli {
protected:
  NothingLost() {
    folder.write("a/twice.cu", kTwice);
    folder.write("b/twice.cu", kTwice);
    folder.write("b/twice.contract.json", kTwiceContract);
  }

  /// kverify by a shell, which sets limits or redirects first.
  ProgramRun shell(const std::string& before, const std::string& arguments, const std::string& after = "") const {
    RunSettings settings{.folder = folder.path(), .environment = {{"XDG_CACHE_HOME", folder.path() + "/cache"}}};
    return runProgram({"/bin/sh", "-c", before + " \"" KVERIFY_PROGRAM "\" " + arguments + " " + after}, settings);
  }
};

TEST_F(NothingLost, AContractThatNoSizesSatisfyNamesTheRequirementAndTheOthersAreJudged) {
  std::string contract = kTwiceContract;
  contract.insert(contract.rfind('}'), R"(, "requires": ["n > 50", "n < 20"])");
  folder.write("a/twice.contract.json", contract);
  ProgramRun run = kverify({"audit", "a", "b"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, AllOf(HasSubstr("no sizes satisfy the contract"), HasSubstr("does not hold"),
                             HasSubstr("a/twice.contract.json"), HasSubstr("1 not judged (error), 1 certified")));
}

TEST_F(NothingLost, ASpecThatContradictsItselfSaysWhichOfItsRules) {
  folder.write("mine.json", R"({ "spec": 1, "name": "mine", "oracle": "softmax", "summary": "no row is long enough",
    "axes": { "rows": "rows", "n": "elements of a row" },
    "roles": { "x": { "axes": ["rows", "n"], "direction": "in" }, "y": { "axes": ["rows", "n"], "direction": "out" } },
    "options": { "scale": { "type": "real", "default": "1", "summary": "factor" } },
    "constraints": ["n > 40", "n < 30"] })");
  folder.write("k.cu", "__global__ void k(const float* x, float* y, int n) { for (int i = 0; i < n; ++i) y[i] = x[i]; }\n");
  folder.write("k.contract.json", R"({ "contract": 1, "spec": "mine.json", "sizes": { "N": { "range": [1, 100] } },
    "tensors": { "x": { "dtype": "f32", "shape": [1, "N"], "access": "read" },
                 "y": { "dtype": "f32", "shape": [1, "N"], "access": "write" } },
    "launches": [ { "kernel": "k", "args": ["x", "y", "N"], "grid": [1], "block": [1] } ] })");
  ProgramRun run = kverify({"audit", "k.cu"});
  EXPECT_EQ(run.exit_code, 2) << run.out;
  EXPECT_THAT(run.out, AllOf(HasSubstr("no sizes satisfy the contract"), testing::ContainsRegex("n (>|<) [34]0")));
}

TEST_F(NothingLost, OneCaseWithoutAnEndIsNamedAndWhatTheOthersShowStays) {
  // Only n = 77 never ends; every n above 90 writes past the end.
  folder.write("a/twice.cu", R"(__global__ void twice(const float* x, float* y, int n) {
  volatile int spin = 1;
  while (n == 77 && spin) spin = 1;
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[n > 90 ? i + 1 : i] = 2.0f * x[i];
}
)");
  std::string contract = kTwiceContract;
  contract.replace(contract.find("[1, 100] }"), 10, "[1, 100], \"try\": [77] }");
  folder.write("a/twice.contract.json", contract);
  ProgramRun run = kverify({"audit", "a", "--stages", "fuzz", "--step-limit", "1000000"});
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_THAT(run.out, AllOf(HasSubstr("bounds.global-write"), HasSubstr("step limit"), HasSubstr("n=77")));
}

TEST_F(NothingLost, AReplayFileThatDoesNotFitOnTheDiskIsANoteAndTheVerdictStays) {
  folder.write("race.cu", kRace);
  ProgramRun run = shell("ulimit -f 0; exec", "audit race.cu --block 32 --stages fuzz");
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("error[race.shared-write-write]"), HasSubstr("a replay file is missing: 'out/KV"),
                             HasSubstr("File too large")));
  EXPECT_THAT(run.out, Not(HasSubstr("kverify replay"))) << "what could not be written is not pointed at";
  std::error_code no_folder;
  for (const auto& entry : fs::directory_iterator(folder.path() + "/out", no_folder))
    EXPECT_FALSE(entry.is_regular_file() && entry.path().extension() == ".json") << "half a file: " << entry.path();
}

TEST_F(NothingLost, AReportThatDoesNotFitOnTheDiskIsAnErrorAndNoPass) {
  for (const char* format : {"text", "json"}) {
    ProgramRun run = shell("exec", std::string("audit b --stages fuzz --format ") + format, "> /dev/full");
    EXPECT_EQ(run.exit_code, 2) << run.err;
    EXPECT_THAT(run.err, HasSubstr("the report could not be written to stdout"));
  }
}

TEST_F(NothingLost, ASavedCaseThatIsDamagedCostsItselfOnly) {
  ASSERT_EQ(kverify({"audit", "b", "--stages", "fuzz"}).exit_code, 0);
  folder.write("out/cases/no-operation.json", R"({ "format": "kverify.cases/1", "cases": [ 7,
    { "check": "coverage", "source": "b/twice.cu", "seed": 1, "family": "normal", "sizes": { "n": 1e30 } },
    { "check": "coverage", "source": "b/twice.cu", "seed": 1, "family": "normal", "sizes": { "n": 5 }, "kept": { "x": [99] } },
    { "check": "coverage", "source": "b/twice.cu", "seed": 1, "family": "normal", "sizes": { "n": 6 } } ] })");
  ProgramRun run = kverify({"audit", "b", "--stages", "fuzz"});
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_THAT(run.out, AllOf(HasSubstr("case 0 of 'out/cases/no-operation.json' can't be read and is left out"),
                             HasSubstr("case 1 of 'out/cases/no-operation.json' can't be read"),
                             HasSubstr("the size 'n' is no integer"), HasSubstr("1 saved case replayed first"),
                             HasSubstr("1 saved for other contracts")));
  folder.write("out/cases/no-operation.json", std::string("\x00\xff{{{", 5));
  run = kverify({"audit", "b", "--stages", "fuzz"});
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("no-operation.json.broken-1"));
}

TEST_F(NothingLost, ABudgetThatIsNeitherCasesNorTimeSaysWhatWouldBe) {
  ProgramRun run = kverify({"audit", "b", "--budget", "lots"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, AllOf(HasSubstr("'lots' is neither a number of cases nor a length of time"), HasSubstr("200, 30s or auto")));
  for (const char* budget : {"0", "5", "1s", "auto"})
    EXPECT_EQ(kverify({"audit", "b", "--stages", "fuzz", "--budget", budget}).exit_code, 0) << budget;
}

} // namespace
} // namespace kverify::tests
