// The journal keeps what it was given, through a kill at any byte; and refuses what is not its own.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "farm/journal.h"
#include "tests/support/json_schema.h"
#include "tests/support/run_program.h"

namespace kverify::farm {
namespace {

using testing::HasSubstr;

const JournalRun kRun{"0.1.0", "build", {{"seed", "1"}, {"target", "sm_80"}}};

KernelReport verdictOn(const std::string& file) {
  KernelReport report{.file = file, .kernel = "k", .verdict = Verdict::Certified};
  report.outcomes = {{"bounds.global-read", "fuzz", Tested{.cases = 3, .seed = 1}, 0.5}};
  report.job = {"aa", 7};
  return report;
}

class JournalFile : public testing::Test {
protected:
  std::string path() const { return folder.path() + "/audit.jsonl"; }
  Expected<std::unique_ptr<Journal>> open(const JournalRun& run = kRun, bool afresh = false) const {
    return Journal::open(path(), run, afresh);
  }
  void fill(int verdicts) const {
    auto journal = open();
    ASSERT_TRUE(journal) << journal.error().message;
    for (int i = 0; i < verdicts; ++i)
      ASSERT_TRUE((*journal)->add("key" + std::to_string(i), verdictOn(std::to_string(i) + ".cu")));
  }
  std::string text() const { return folder.read("audit.jsonl"); }

  tests::ScratchFolder folder;
};

TEST_F(JournalFile, FindsWhatAnEarlierRunWrote) {
  fill(2);
  auto journal = open();
  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_EQ((*journal)->size(), 2u);
  const KernelReport* report = (*journal)->find("key1");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->file, "1.cu");
  EXPECT_EQ(report->verdict, Verdict::Certified);
  EXPECT_EQ(report->job.index, 7u);
  EXPECT_FALSE((*journal)->find("key2"));
}

TEST_F(JournalFile, WhereverItIsCutOffNoVerdictBeforeIsLostAndNoneIsMadeUp) {
  fill(2);
  const std::string whole = text();
  for (std::size_t size = 0; size <= whole.size(); size += size % 97 == 0 ? 1 : 13) {
    folder.write("audit.jsonl", whole.substr(0, size));
    std::size_t lines = static_cast<std::size_t>(std::count(whole.begin(), whole.begin() + static_cast<long>(size), '\n'));
    auto journal = open();
    ASSERT_TRUE(journal) << "cut at " << size << ": " << journal.error().message;
    ASSERT_EQ((*journal)->size(), lines > 1 ? lines - 1 : 0) << "cut at " << size;
    ASSERT_TRUE((*journal)->add("new", verdictOn("new.cu"))) << "it must go on from there";
    journal->reset();
    auto again = open();
    ASSERT_TRUE(again && (*again)->find("new")) << "cut at " << size;
  }
}

TEST_F(JournalFile, ACutIsSaid) {
  fill(2);
  std::string whole = text();
  folder.write("audit.jsonl", whole.substr(0, whole.size() - 5));
  auto journal = open();
  ASSERT_TRUE(journal);
  EXPECT_THAT((*journal)->problem(), HasSubstr("cut off"));
}

TEST_F(JournalFile, DamageInTheMiddleIsRefused) {
  fill(3);
  std::string damaged = text();
  damaged.replace(damaged.find("0.cu"), 4, "9.cu");
  folder.write("audit.jsonl", damaged);
  auto journal = open();
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("line 2 of the journal"));
  EXPECT_THAT(journal.error().hint, HasSubstr("--no-resume"));
}

TEST_F(JournalFile, ALineThatIsTakenOutIsRefused) {
  fill(3);
  std::istringstream in(text());
  std::string line, kept;
  for (int number = 1; std::getline(in, line); ++number)
    kept += number == 2 ? "" : line + "\n";
  folder.write("audit.jsonl", kept);
  EXPECT_FALSE(open()) << "a verdict could be lost without anyone seeing it";
}

TEST_F(JournalFile, AnotherToolAndOtherFlagsAreRefusedByName) {
  fill(1);
  auto version = open({"0.2.0", "build", kRun.settings});
  ASSERT_FALSE(version);
  EXPECT_THAT(version.error().message, HasSubstr("was written by kverify 0.1.0, this is 0.2.0"));
  auto build = open({"0.1.0", "other", kRun.settings});
  ASSERT_FALSE(build);
  EXPECT_THAT(build.error().message, HasSubstr("another build"));
  auto flags = open({"0.1.0", "build", {{"seed", "2"}, {"target", "sm_80"}}});
  ASSERT_FALSE(flags);
  EXPECT_THAT(flags.error().message, HasSubstr("seed = 1, this one has 2"));
  auto afresh = open({"0.2.0", "build", kRun.settings}, true);
  ASSERT_TRUE(afresh);
  EXPECT_EQ((*afresh)->size(), 0u);
}

TEST_F(JournalFile, SomethingElseIsNotOverwritten) {
  folder.write("audit.jsonl", "my thesis\n");
  auto journal = open();
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("is no journal"));
  EXPECT_EQ(text(), "my thesis\n");
}

TEST_F(JournalFile, TwoAuditsDoNotWriteOne) {
  auto first = open();
  ASSERT_TRUE(first);
  auto second = open();
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another audit is writing"));
}

TEST_F(JournalFile, AVerdictIsNotTakenTwice) {
  auto journal = open();
  ASSERT_TRUE((*journal)->add("key", verdictOn("a.cu")));
  EXPECT_FALSE((*journal)->add("key", verdictOn("a.cu")));
}

TEST_F(JournalFile, ButAgainWhereTheFirstNoLongerHolds) {
  {
    auto journal = open();
    ASSERT_TRUE((*journal)->add("key", verdictOn("a.cu")));
    ASSERT_TRUE((*journal)->add("key", verdictOn("b.cu"), true));
  }
  auto journal = open();
  ASSERT_TRUE(journal);
  EXPECT_EQ((*journal)->size(), 1u);
  EXPECT_EQ((*journal)->find("key")->file, "b.cu");
}

TEST_F(JournalFile, WhereItCannotBeMadeTheErrorSaysSo) {
  auto journal = Journal::open("/proc/no/such/place.jsonl", kRun, false);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, ErrorKind::Environment);
  EXPECT_THAT(journal.error().message, HasSubstr("cannot be opened"));
}

TEST_F(JournalFile, EachLineFitsTheSchema) {
  fill(2);
  std::ifstream schema_file(std::string(SCHEMA_DIR) + "/journal.schema.json");
  nlohmann::json schema = nlohmann::json::parse(schema_file);
  std::istringstream in(text());
  int lines = 0;
  for (std::string line; std::getline(in, line); ++lines)
    EXPECT_THAT(tests::violations(schema, nlohmann::json::parse(line)), testing::IsEmpty()) << line;
  EXPECT_EQ(lines, 3);
}

} // namespace
} // namespace kverify::farm
