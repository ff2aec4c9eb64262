// Jobs found in folders, and the replay file.
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/pipeline/job.h"
#include "cli/pipeline/replay_file.h"
#include "tests/support/json_schema.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;

class FindJobs : public testing::Test {
protected:
  void SetUp() override {
    std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    root_ = fs::path(testing::TempDir()) / ("kverify_jobs_" + test);
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string write(const std::string& name) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << "x";
    return (root_ / name).string();
  }

  fs::path root_;
};

TEST_F(FindJobs, PairsSourcesWithTheContractsBesideThem) {
  std::string own = write("many/a.cu"), own_contract = write("many/a.contract.json");
  std::string kernel = write("b/kernel.cu"), kernel_contract = write("b/contract.json");
  write("b/helper.cu");
  std::string only = write("c/only.cu"), only_contract = write("c/contract.json");
  write(".hidden/d.cu");
  auto jobs = findJobs({.paths = {root_.string()}});
  ASSERT_TRUE(jobs) << jobs.error().message;
  ASSERT_EQ(jobs->size(), 4u);
  EXPECT_EQ((*jobs)[0].source, (root_ / "b/helper.cu").string()) << "without contract: its host code is asked, it is not skipped in silence";
  EXPECT_TRUE((*jobs)[0].contract.empty());
  EXPECT_EQ((*jobs)[1].contract, kernel_contract);
  EXPECT_EQ((*jobs)[2].contract, only_contract);
  EXPECT_EQ((*jobs)[3].contract, own_contract);
}

TEST_F(FindJobs, AMistypedPathGetsTheNearestOne) {
  write("kernels/a.cu");
  auto jobs = findJobs({.paths = {(root_ / "kernals").string()}});
  ASSERT_FALSE(jobs);
  EXPECT_THAT(jobs.error().hint, testing::HasSubstr("kernels"));
}

TEST_F(FindJobs, NothingToDoIsAnError) {
  fs::create_directories(root_ / "empty");
  EXPECT_FALSE(findJobs({.paths = {(root_ / "empty").string()}}));
  EXPECT_FALSE(findJobs({.paths = {write("notes.txt")}}));
}

TEST_F(FindJobs, OneContractIsForOneFile) {
  write("a.cu");
  write("b.cu");
  std::string contract = write("contract.json");
  auto jobs = findJobs({.paths = {root_.string()}, .contract = contract});
  ASSERT_FALSE(jobs);
  EXPECT_EQ(jobs.error().kind, ErrorKind::Usage);
}

ReplayFile sampleReplay() {
  ReplayFile replay{.tool_version = "0.1.0", .source = "k.cu", .source_sha256 = "aa"};
  replay.contract = "k.contract.json";
  replay.contract_sha256 = "bb";
  replay.compile = {
      .headers = frontend::CudaHeaders::Builtin, .target = "sm_90", .extra_flags = {"-DX=1"}, .kernels = {"k<64>"}};
  replay.one_case = {.seed = 18446744073709551615u, .family = "normal", .sizes = {{"N", 33}}};
  replay.expected = {.check = "race.shared-write-write", .message = "a race"};
  replay.expected.locations = {{{{"k.cu", 4, 2, ""}}, "thread (0,0,0) writes"}};
  replay.trace = {{{"x", "cc"}}, "dd", "ee"};
  return replay;
}

TEST(ReplayFileFormat, SurvivesTheRoundTrip) {
  for (bool with_contract : {true, false}) {
    ReplayFile replay = sampleReplay();
    if (!with_contract) {
      replay.contract.clear();
      replay.launch = contract::AssumeOptions{.grid = {2, 1, 1}, .block = {8, 8, 1}, .args = {{"n", "7"}}};
    }
    std::string text = replayToJson(replay);
    auto back = replayFromJson("r.json", text);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(replayToJson(*back), text);
  }
}

TEST(ReplayFileFormat, FitsItsSchema) {
  std::ifstream in(SCHEMA_DIR "/replay.schema.json");
  auto schema = nlohmann::json::parse(in);
  EXPECT_THAT(tests::violations(schema, nlohmann::json::parse(replayToJson(sampleReplay()))), testing::IsEmpty());
}

TEST(ReplayFileFormat, WhatIsNoReplayFileSaysSo) {
  for (const char* text : {"", "{}", "[1]", "{\"format\": \"kverify.replay/1\"}", "{\"format\": 3}"}) {
    auto replay = replayFromJson("r.json", text);
    ASSERT_FALSE(replay) << text;
    EXPECT_THAT(replay.error().message, testing::HasSubstr("'r.json' is not a replay file"));
  }
}

TEST(ReplayFileFormat, TheNameDoesNotDependOnTheCase) {
  ReplayFile one = sampleReplay(), other = sampleReplay();
  other.one_case.seed = 1;
  EXPECT_EQ(replayName(one), replayName(other));
  other.expected.locations[0].stack[0].line = 5;
  EXPECT_NE(replayName(one), replayName(other));
}

} // namespace
} // namespace kverify::pipeline
