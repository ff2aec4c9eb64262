// The commands where all goes well, and replays.
#include <fstream>
#include <map>

#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(Cli, VersionAndHelp) {
  ProgramRun version = kverify({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, StartsWith("kverify "));
  ProgramRun help = kverify({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("audit"), HasSubstr("Examples:"), HasSubstr("Exit codes:")));
  EXPECT_EQ(kverify({}).exit_code, 2);
}

TEST_F(Cli, DoctorSaysWhatIsThereAndWhatIsNot) {
  ProgramRun run = kverify({"doctor"});
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_THAT(run.out, AllOf(HasSubstr("clang and LLVM"), HasSubstr("C++ library headers     found by clang"), HasSubstr("CUDA toolkit"), HasSubstr("Z3")));
}

TEST_F(Cli, ExplainAndListChecksAgree) {
  auto list = nlohmann::json::parse(kverify({"list-checks", "--format", "json"}).out);
  ASSERT_GT(list.size(), 20u);
  std::map<std::string, std::string> of_code;
  for (const auto& check : list) {
    auto [other, is_new] = of_code.emplace(check["code"], check["id"]);
    EXPECT_TRUE(is_new) << other->second << " and " << check["id"] << " have one code, " << other->first
                        << ": give one of them the next free one";
  }
  for (const auto& check : list)
    for (const char* part : {"id", "code", "summary", "why", "fix", "soundness"})
      EXPECT_FALSE(check[part].get<std::string>().empty()) << check["id"] << " lacks its " << part;
  ProgramRun by_code = kverify({"explain", list[0]["code"]});
  EXPECT_EQ(by_code.exit_code, 0);
  EXPECT_EQ(by_code.out, kverify({"explain", list[0]["id"]}).out);
  ProgramRun unknown = kverify({"explain", "race.shared-writewrite"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean 'race.shared-write-write'?"));
}

TEST_F(Cli, AGoodKernelIsCertifiedAndTheVerdictIsTheLastLine) {
  folder.write("twice.cu", kTwice);
  folder.write("twice.contract.json", kTwiceContract);
  ProgramRun run = kverify({"audit", "twice.cu"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, testing::ContainsRegex("\nverdict: certified \\(1 kernel: 1 certified\\) in [0-9.]+ s\n$"));
}

TEST_F(Cli, TheJsonReportFitsItsSchema) {
  folder.write("race.cu", kRace);
  ProgramRun run = kverify({"audit", "race.cu", "--block", "32", "--format", "json"});
  EXPECT_EQ(run.exit_code, 1);
  std::ifstream in(SCHEMA_DIR "/report.schema.json");
  EXPECT_THAT(violations(nlohmann::json::parse(in), reportOf(run)), testing::IsEmpty());
}

TEST_F(Cli, TheSameSeedGivesTheSameReport) {
  folder.write("race.cu", kRace);
  auto reportWith = [&](const char* jobs) {
    auto report = reportOf(kverify({"audit", "race.cu", "--block", "32", "--format", "json", "--no-cache", "--jobs", jobs}));
    auto& kernel = report["kernels"][0];
    kernel.erase("seconds");
    for (auto& outcome : kernel["outcomes"])
      outcome.erase("seconds");
    return kernel;
  };
  EXPECT_EQ(reportWith("1"), reportWith("4"));
}

TEST_F(Cli, ColourIsAskedForOrNotThere) {
  folder.write("race.cu", kRace);
  EXPECT_THAT(kverify({"audit", "race.cu", "--block", "32"}).out, Not(HasSubstr("\x1b["))) << "stdout is no terminal";
  EXPECT_THAT(kverify({"audit", "race.cu", "--block", "32", "--color", "always"}).out, HasSubstr("\x1b["));
}

TEST_F(Cli, AFolderCanBeNarrowedToOneKernel) {
  folder.write("a/twice.cu", kTwice);
  folder.write("a/twice.contract.json", kTwiceContract);
  std::string other = kTwiceContract, source = kTwice;
  folder.write("b/thrice.cu", source.replace(source.find("twice"), 5, "thrice"));
  folder.write("b/thrice.contract.json", other.replace(other.find("twice"), 5, "thrice"));
  ProgramRun one = kverify({"audit", ".", "--kernel", "thrice"});
  EXPECT_EQ(one.exit_code, 0) << one.out << one.err;
  EXPECT_THAT(one.out, AllOf(HasSubstr("thrice.cu"), Not(HasSubstr("twice.cu"))));
  ProgramRun none = kverify({"audit", ".", "--kernel", "thrize"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("did you mean 'thrice'?"));
}

class Replay : public Cli {
protected:
  void SetUp() override {
    folder.write("race.cu", kRace);
    auto report = reportOf(kverify({"audit", "race.cu", "--block", "32", "--format", "json"}));
    ASSERT_FALSE(report["kernels"][0]["findings"].empty()) << "the race was not found";
    const auto& finding = report["kernels"][0]["findings"][0];
    EXPECT_EQ(finding["check"], "race.shared-write-write");
    EXPECT_EQ(finding["confirmed"], true);
    replay_file = finding["replay"];
  }
  std::string replay_file;
};

TEST_F(Replay, IsReproducedBitForBit) {
  ProgramRun run = kverify({"replay", replay_file});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("error[race.shared-write-write]"), HasSubstr("reproduced, bit for bit")));
}

TEST_F(Replay, FitsItsSchema) {
  std::ifstream in(SCHEMA_DIR "/replay.schema.json");
  auto document = nlohmann::json::parse(folder.read(replay_file));
  EXPECT_THAT(violations(nlohmann::json::parse(in), document), testing::IsEmpty());
}

TEST_F(Replay, AChangedSourceIsSaid) {
  folder.write("race.cu", std::string(kRace) + "// changed\n");
  ProgramRun run = kverify({"replay", replay_file});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("'race.cu' has changed since"), HasSubstr("still there")));
}

TEST_F(Replay, AMendedKernelIsNotReproduced) {
  std::string mended = kRace;
  mended.replace(mended.find("total = threadIdx.x;"), 20, "if (threadIdx.x == 0) total = 1;");
  folder.write("race.cu", mended);
  ProgramRun run = kverify({"replay", replay_file});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("not reproduced"));
}

TEST_F(Replay, ASourceThatIsGoneIsAnError) {
  std::string text = folder.read(replay_file);
  text.replace(text.find("\"race.cu\""), 9, "\"gone.cu\"");
  folder.write("other.json", text);
  ProgramRun run = kverify({"replay", "other.json"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("gone.cu"));
}

} // namespace
} // namespace kverify::tests
