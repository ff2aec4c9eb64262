// kverify gate: changes, policies, baselines and exit codes.
#include <fstream>

#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A repository with two kernels that pass under the quick preset.
class Gate : public Cli {
protected:
  void SetUp() override {
    git({"init", "--quiet", "--initial-branch=main"});
    git({"config", "user.name", "A Tester"});
    git({"config", "user.email", "tester@example.com"});
    folder.write("a/twice.cu", std::string("#include \"scale.cuh\"\n") + kTwice);
    folder.write("a/scale.cuh", "#pragma once\n");
    folder.write("a/twice.contract.json", kTwiceContract);
    folder.write("b/twice.cu", kTwice);
    folder.write("b/twice.contract.json", kTwiceContract);
    folder.write("kverify.json", R"({ "kverify": 1, "preset": "smoke" })");
    folder.write(".gitignore", "/out/\n/cache/\n/built/\n");
    commit();
  }

  void git(std::vector<std::string> words) const {
    words.insert(words.begin(), "/usr/bin/git");
    ProgramRun run = runProgram(words, {.folder = folder.path(), .environment = {{"HOME", folder.path()}, {"GIT_CONFIG_NOSYSTEM", "1"}}});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  void commit() const {
    git({"add", "--all"});
    git({"commit", "--quiet", "--message", "a change"});
  }

  ProgramRun gate(std::vector<std::string> flags, std::map<std::string, std::string> environment = {}) const {
    flags.insert(flags.begin(), {"gate", "--quiet"});
    return kverify(flags, {.environment = std::move(environment)});
  }

  json jsonOf(std::vector<std::string> flags) const {
    flags.insert(flags.end(), {"--format", "json"});
    json answer = reportOf(gate(flags));
    auto schema = json::parse(std::ifstream(SCHEMA_DIR "/gate.schema.json"));
    EXPECT_THAT(violations(schema, answer), IsEmpty());
    return answer;
  }

  /// Four threads write one word.
  void breakKernel(const std::string& above = "") const {
    folder.write("b/twice.cu", above + "__global__ void twice(const float* x, float* y, int n) {\n  __shared__ float total;\n  total = threadIdx.x;\n  __syncthreads();\n"
                                       "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n  if (i < n) y[i] = 2.0f * x[i] + 0.0f * total;\n}\n");
  }
};

TEST_F(Gate, JudgesWhatAChangeTouchesAndNothingElse) {
  ProgramRun run = gate({"--changed-since", "HEAD"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("gate: passed (the change touches none of 2 kernel files)"));
  folder.write("a/scale.cuh", "#pragma once\n// not committed, and yet a change\n");
  json answer = jsonOf({"--changed-since", "HEAD"});
  EXPECT_EQ(answer["exit_code"], 0);
  ASSERT_EQ(answer["kernels"].size(), 1u);
  EXPECT_EQ(answer["kernels"][0]["file"], "a/twice.cu");
  EXPECT_EQ(answer["kernels"][0]["because"], "it includes a/scale.cuh, which changed");
  run = gate({"--changed-since", "no-such-branch"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("there is no revision 'no-such-branch'"));
}

TEST_F(Gate, FailsOnARaceAndSaysWhere) {
  breakKernel();
  json answer = jsonOf({"--changed-since", "HEAD"});
  EXPECT_EQ(answer["result"], "failed");
  ASSERT_EQ(answer["kernels"].size(), 1u);
  EXPECT_EQ(answer["kernels"][0]["reasons"][0]["check"], "race.shared-write-write");
  EXPECT_EQ(answer["kernels"][0]["reasons"][0]["at"]["line"], 3);
}

TEST_F(Gate, ABaselineSurvivesMovedLinesAndShowsWhatIsFixed) {
  breakKernel();
  ProgramRun written = gate({"--write-baseline"});
  EXPECT_EQ(written.exit_code, 0) << written.out << written.err;
  auto schema = json::parse(std::ifstream(SCHEMA_DIR "/gate-baseline.schema.json"));
  EXPECT_THAT(violations(schema, json::parse(folder.read("kverify-baseline.json"))), IsEmpty());
  breakKernel("// one line more\n\n");
  ProgramRun known = gate({"--baseline", "kverify-baseline.json"});
  EXPECT_EQ(known.exit_code, 0) << known.out << known.err;
  EXPECT_THAT(known.out, HasSubstr("known"));
  folder.write("b/twice.cu", kTwice);
  ProgramRun fixed = gate({"--baseline", "kverify-baseline.json"});
  EXPECT_EQ(fixed.exit_code, 0) << fixed.out << fixed.err;
  EXPECT_THAT(fixed.out, HasSubstr("fixed"));
  ProgramRun missing = gate({"--baseline", "none.json"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("--write-baseline writes it"));
}

TEST_F(Gate, CommandLineBeforeEnvironmentBeforeFile) {
  auto presetWith = [&](std::vector<std::string> flags, std::map<std::string, std::string> environment) {
    flags.push_back("--plan");
    return gate(flags, std::move(environment)).out;
  };
  EXPECT_THAT(presetWith({}, {}), HasSubstr("preset smoke"));
  EXPECT_THAT(presetWith({}, {{"KVERIFY_PRESET", "strict"}}), HasSubstr("preset strict"));
  EXPECT_THAT(presetWith({"--preset", "standard"}, {{"KVERIFY_PRESET", "strict"}}), HasSubstr("preset standard"));
}

TEST_F(Gate, APolicyWithAMistakeIsAnErrorWithTheNearestKey) {
  folder.write("kverify.json", "{\n  \"kverify\": 1,\n  \"rulez\": []\n}\n");
  ProgramRun run = gate({});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("unknown key 'rulez'"));
  EXPECT_THAT(run.err, HasSubstr("kverify.json:3"));
  EXPECT_THAT(run.err, HasSubstr("'rules'"));
}

TEST_F(Gate, LeavesOutWhatThePolicyAndGitIgnore) {
  folder.write("built/generated.cu", kRace);
  folder.write("kverify.json", R"({ "kverify": 1, "preset": "smoke", "ignore": [ { "paths": ["b/"], "reason": "legacy" } ],
                                    "rules": [ { "paths": ["kernals/**"], "fail_on": "warning" } ] })");
  json answer = jsonOf({});
  ASSERT_EQ(answer["kernels"].size(), 1u);
  EXPECT_EQ(answer["kernels"][0]["file"], "a/twice.cu");
  ASSERT_EQ(answer["ignored"].size(), 1u);
  EXPECT_EQ(answer["ignored"][0]["reason"], "legacy");
  EXPECT_THAT(answer["notes"][0].get<std::string>(), HasSubstr("no kernel is in 'kernals/**'"));
}

TEST_F(Gate, AKernelWithoutContractIsNoPass) {
  folder.write("c/new.cu", kRace);
  ProgramRun run = gate({"--changed-since", "HEAD"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("no host code in this file launches a kernel"));
  folder.write("kverify.json", R"({ "kverify": 1, "preset": "smoke", "rules": [ { "paths": ["c/"], "stages": ["static"] } ] })");
  EXPECT_EQ(gate({"c"}).exit_code, 0) << "the policy asks for no run of it";
}

TEST_F(Gate, WritesEveryReportAndTheGateStandsFirst) {
  breakKernel();
  ProgramRun run = gate({"--changed-since", "HEAD", "--format", "github", "--report", "sarif=k.sarif", "--report", "markdown=k.md", "--report", "json=k.json"});
  EXPECT_EQ(run.exit_code, 1) << run.err;
  EXPECT_THAT(run.out, HasSubstr("::error file=b/twice.cu,line=3"));
  EXPECT_THAT(folder.read("k.md"), testing::StartsWith("## ✗ kverify gate: failed"));
  EXPECT_THAT(folder.read("k.sarif"), HasSubstr("race.shared-write-write"));
  EXPECT_EQ(json::parse(folder.read("k.json"))["format"], "kverify.report/1") << "what kverify report and diff read";
}

} // namespace
} // namespace kverify::tests
