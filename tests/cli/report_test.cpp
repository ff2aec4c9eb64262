// kverify report, kverify diff, and the formats of kverify audit.
#include <filesystem>
#include <fstream>

#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CliReport : public Cli {
protected:
  /// An audit of a racy kernel, saved.
  void save(const std::string& name = "r.json", std::vector<std::string> more = {}) {
    folder.write("race.cu", kRace);
    std::vector<std::string> command = {"audit", "race.cu", "--block", "32", "--quiet", "--report", "json=" + name};
    command.insert(command.end(), more.begin(), more.end());
    ProgramRun run = kverify(command);
    ASSERT_EQ(run.exit_code, 1) << run.out << run.err;
  }
  bool exists(const std::string& name) const { return fs::exists(folder.path() + "/" + name); }
};

TEST_F(CliReport, OneAuditWritesAllFormats) {
  save("out/r.json", {"--report", "html=out/page", "--report", "out/k.sarif", "--report", "deep/er/k.xml", "--report", "out/s.md",
                      "--report", "feedback=out/f.json", "--report", "github=out/g.txt"});
  EXPECT_THAT(folder.read("out/page"), StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(folder.read("out/k.sarif"), HasSubstr("\"version\": \"2.1.0\""));
  EXPECT_THAT(folder.read("deep/er/k.xml"), HasSubstr("<testsuites"));
  EXPECT_THAT(folder.read("out/s.md"), StartsWith("## ✗ kverify: refuted"));
  EXPECT_THAT(folder.read("out/g.txt"), StartsWith("::error file=race.cu,line=3"));
  auto feedback = nlohmann::json::parse(folder.read("out/f.json"));
  std::ifstream in(SCHEMA_DIR "/feedback.schema.json");
  EXPECT_THAT(violations(nlohmann::json::parse(in), feedback), testing::IsEmpty());
  const auto& first = feedback["kernels"][0]["first"];
  EXPECT_EQ(first["code"], "KV1201");
  EXPECT_EQ(first["at"]["source"], "total = threadIdx.x;");
  EXPECT_EQ(first["counterexample"]["launch"]["block"], nlohmann::json::array({32, 1, 1}));
  EXPECT_EQ(first["counterexample"]["participants"][1]["thread"].size(), 3u);
}

TEST_F(CliReport, WhatWasSavedRendersAsTheAuditDid) {
  const std::vector<std::string> formats = {"sarif", "junit", "markdown", "html", "feedback", "concise"};
  std::vector<std::string> files;
  for (const std::string& format : formats) {
    files.push_back("--report");
    files.push_back(format + "=direct." + format);
  }
  save("r.json", files);
  for (const std::string& format : formats) {
    ProgramRun run = kverify({"report", "r.json", "--format", format});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_TRUE(run.out == folder.read("direct." + format)) << format << " is not the same: " << run.out.substr(0, 2000);
  }
}

TEST_F(CliReport, ExitsAsTheAuditWhereAsked) {
  save();
  EXPECT_EQ(kverify({"report", "r.json"}).exit_code, 0);
  EXPECT_EQ(kverify({"report", "r.json", "--exit-code"}).exit_code, 1);
}

TEST_F(CliReport, SeveralAreOne) {
  save();
  ProgramRun run = kverify({"report", "r.json", "r.json", "--format", "json"});
  auto both = reportOf(run);
  EXPECT_EQ(both["kernels"].size(), 2u);
  EXPECT_EQ(both["exit_code"], 1);
}

TEST_F(CliReport, ChangedSourceIsNotShown) {
  save();
  EXPECT_THAT(kverify({"report", "r.json"}).out, HasSubstr("total = threadIdx.x;"));
  folder.write("race.cu", std::string("// new first line\n") + kRace);
  EXPECT_THAT(kverify({"report", "r.json"}).out, Not(HasSubstr("total = threadIdx.x;")));
  EXPECT_THAT(kverify({"report", "r.json", "--format", "html"}).out, HasSubstr("has changed since it was judged"));
}

TEST_F(CliReport, BadFilesGetOneClearSentence) {
  auto error = [&](std::vector<std::string> command) {
    ProgramRun run = kverify(command);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    return run.err;
  };
  EXPECT_THAT(error({"report", "none.json"}), HasSubstr("there is no report 'none.json'"));
  folder.write("text.json", "hello");
  EXPECT_THAT(error({"report", "text.json"}), HasSubstr("'text.json' is not a kverify report: parse error"));
  folder.write("new.json", R"({"format": "kverify.report/9"})");
  EXPECT_THAT(error({"report", "new.json"}), AllOf(HasSubstr("is of format kverify.report/9"), HasSubstr("or a newer one")));
  folder.write("replay.json", R"({"format": "kverify.replay/1"})");
  EXPECT_THAT(error({"diff", "replay.json", "replay.json"}), HasSubstr("its format is 'kverify.replay/1'"));
  EXPECT_THAT(error({"report", "."}), HasSubstr("'.' is a folder"));
}

TEST_F(CliReport, FlagsAreCheckedBeforeAnyWork) {
  folder.write("race.cu", kRace);
  auto error = [&](std::vector<std::string> more) {
    std::vector<std::string> command = {"audit", "race.cu", "--block", "32"};
    command.insert(command.end(), more.begin(), more.end());
    ProgramRun run = kverify(command);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_FALSE(exists("out/cases")) << "it ran before it complained";
    return run.err;
  };
  EXPECT_THAT(error({"--format", "htlm"}), AllOf(HasSubstr("there is no format 'htlm'"), HasSubstr("did you mean 'html'?")));
  EXPECT_THAT(error({"--report", "sarf=x"}), HasSubstr("did you mean 'sarif'?"));
  EXPECT_THAT(error({"--report", "x.pdf"}), HasSubstr("the ending of 'x.pdf' names no format"));
  EXPECT_THAT(error({"--report", "html="}), HasSubstr("names no file"));
  EXPECT_THAT(error({"--report", "a.html", "--report", "./a.html"}), HasSubstr("is to be written twice"));
  EXPECT_THAT(error({"--report", "race.cu/r.html"}), HasSubstr("cannot write the report 'race.cu/r.html'"));
}

TEST_F(CliReport, DiffSaysWhatIsNewAndWhatIsFixed) {
  save("bad.json");
  std::string mended = kRace;
  mended.replace(mended.find("  total ="), 9, "  if (threadIdx.x == 0) total =");
  folder.write("race.cu", mended);
  ASSERT_EQ(kverify({"audit", "race.cu", "--block", "32", "--quiet", "--report", "json=good.json"}).exit_code, 0);
  ProgramRun fixed = kverify({"diff", "bad.json", "good.json"});
  EXPECT_EQ(fixed.exit_code, 0) << fixed.out;
  EXPECT_THAT(fixed.out, AllOf(HasSubstr("refuted -> certified"), HasSubstr("fixed"), HasSubstr("race.shared-write-write")));
  ProgramRun broken = kverify({"diff", "good.json", "bad.json", "--format", "json"});
  EXPECT_EQ(broken.exit_code, 1);
  std::ifstream in(SCHEMA_DIR "/diff.schema.json");
  EXPECT_THAT(violations(nlohmann::json::parse(in), nlohmann::json::parse(broken.out)), testing::IsEmpty());
  EXPECT_EQ(kverify({"diff", "good.json", "good.json"}).exit_code, 0);
}

TEST_F(CliReport, ColoursAreForTerminals) {
  save();
  EXPECT_THAT(kverify({"report", "r.json"}).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(kverify({"report", "r.json", "--color", "always"}).out, HasSubstr("\x1b["));
  EXPECT_THAT(kverify({"report", "r.json", "--color", "always", "--format", "sarif"}).out, Not(HasSubstr("\x1b[")));
}

TEST_F(CliReport, SourceDateEpochIsHonoured) {
  folder.write("race.cu", kRace);
  ProgramRun run = kverify({"audit", "race.cu", "--block", "32", "--format", "json"}, {.environment = {{"SOURCE_DATE_EPOCH", "86400"}}});
  EXPECT_EQ(reportOf(run)["started"], "1970-01-02T00:00:00Z");
}

TEST_F(CliReport, HelpHasExamplesAndExitCodes) {
  for (const char* command : {"audit", "report", "diff"})
    EXPECT_THAT(kverify({command, "--help"}).out, AllOf(HasSubstr("Examples:"), HasSubstr("Exit codes:"))) << command;
}

} // namespace
} // namespace kverify::tests
