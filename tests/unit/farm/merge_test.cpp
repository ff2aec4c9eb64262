// Merging gives what one machine would have given, and nothing that is not whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.h"
#include "farm/identity.h"
#include "farm/merge.h"
#include "farm/shard.h"
#include "report/json.h"
#include "tests/support/run_program.h"

namespace kverify::farm {
namespace {

using testing::HasSubstr;

constexpr std::size_t kKernels = 12;

KernelReport kernel(std::size_t i) {
  KernelReport report{.file = "k" + std::to_string(i) + ".cu", .verdict = Verdict::Certified};
  report.outcomes = {{"bounds.global-read", "fuzz", Tested{.cases = 3, .seed = 1}, 0.5}};
  if (i == 3) {
    report.outcomes[0].outcome = Refuted{"out of bounds", "out/a.json"};
    report.verdict = Verdict::Refuted;
  }
  report.job = {sha256Hex(std::to_string(i)), i};
  return report;
}

Report wholeAudit() {
  Report report{.tool_version = "0.1.0", .tool_build = "build", .settings = {{"require", "tests"}, {"seed", "1"}}};
  std::vector<std::pair<std::string, std::string>> names;
  for (std::size_t i = 0; i < kKernels; ++i) {
    report.kernels.push_back(kernel(i));
    names.emplace_back(report.kernels[i].file, report.kernels[i].job.content_sha256);
  }
  report.corpus = corpusOf(names);
  report.exit_code = 1;
  return report;
}

std::vector<NamedReport> shards(unsigned count) {
  std::vector<NamedReport> parts;
  for (unsigned i = 1; i <= count; ++i) {
    Report part = wholeAudit();
    part.shard = {i, count};
    part.seconds = i;
    std::erase_if(part.kernels, [&](const KernelReport& k) { return shardOf(k.job.content_sha256, count) != i; });
    parts.push_back({"shard" + std::to_string(i) + ".json", part});
  }
  return parts;
}

std::string refusal(const std::vector<NamedReport>& parts) {
  auto merged = merge(parts);
  return merged ? "merged" : merged.error().message;
}

TEST(Merge, GivesTheKernelsInTheirOrderAndTheExitCode) {
  auto parts = shards(3);
  std::swap(parts[0], parts[2]); // in whatever order they come
  auto merged = merge(parts);
  ASSERT_TRUE(merged) << merged.error().message;
  ASSERT_EQ(merged->kernels.size(), kKernels);
  for (std::size_t i = 0; i < kKernels; ++i)
    EXPECT_EQ(merged->kernels[i].file, "k" + std::to_string(i) + ".cu");
  EXPECT_EQ(merged->exit_code, 1);
  EXPECT_DOUBLE_EQ(merged->seconds, 6);
  EXPECT_EQ(merged->shards.size(), 3u);
  EXPECT_EQ(merged->shards[0].shard, (Shard{1, 3}));
  EXPECT_EQ(merged->shard.count, 0u);
}

TEST(Merge, AShardTwiceIsAnOverlap) {
  auto parts = shards(3);
  parts.push_back(parts[1]);
  EXPECT_THAT(refusal(parts), HasSubstr("shard 2 is there twice: 'shard2.json' and 'shard2.json'"));
}

TEST(Merge, AMissingShardIsAHole) {
  auto parts = shards(3);
  parts.erase(parts.begin() + 1);
  EXPECT_THAT(refusal(parts), HasSubstr("1 of 3 shards is missing: 2"));
  EXPECT_THAT(merge(parts).error().hint, HasSubstr("--shard 2/3"));
}

TEST(Merge, AMissingKernelIsAHole) {
  auto parts = shards(3);
  for (NamedReport& part : parts)
    std::erase_if(part.report.kernels, [](const KernelReport& k) { return k.job.index == 5; });
  EXPECT_THAT(refusal(parts), HasSubstr("kernel 6 of 12 is in no report"));
  parts = shards(3);
  for (NamedReport& part : parts)
    std::erase_if(part.report.kernels, [](const KernelReport& k) { return k.job.index == kKernels - 1; });
  EXPECT_THAT(refusal(parts), HasSubstr("1 of 12 kernels are in no report"));
}

TEST(Merge, AKernelTwiceIsAnOverlap) {
  auto parts = shards(3);
  for (NamedReport& part : parts)
    if (!part.report.kernels.empty()) {
      part.report.kernels.push_back(part.report.kernels.back());
      break;
    }
  EXPECT_THAT(refusal(parts), HasSubstr("was judged twice"));
}

TEST(Merge, AnInterruptedShardIsNotWhole) {
  auto parts = shards(3);
  parts[2].report.partial = true;
  EXPECT_THAT(refusal(parts), HasSubstr("shard 3 of 3 was interrupted"));
}

TEST(Merge, OtherToolsFlagsAndFilesAreRefusedByName) {
  auto parts = shards(2);
  parts[1].report.tool_version = "0.2.0";
  EXPECT_THAT(refusal(parts), HasSubstr("one was made by kverify 0.1.0, the other by 0.2.0"));
  parts = shards(2);
  parts[1].report.tool_build = "other";
  EXPECT_THAT(refusal(parts), HasSubstr("different builds"));
  parts = shards(2);
  parts[1].report.settings["seed"] = "2";
  EXPECT_THAT(refusal(parts), HasSubstr("seed is 1 in one and 2 in the other"));
  parts = shards(2);
  parts[1].report.corpus.sha256 = "else";
  EXPECT_THAT(refusal(parts), HasSubstr("they saw different files"));
  parts = shards(2);
  parts[1].report.shard.count = 3;
  EXPECT_THAT(refusal(parts), HasSubstr("one is a part of 2, the other of 3"));
}

TEST(Merge, AChangedVerdictIsSeen) {
  auto parts = shards(2);
  for (NamedReport& part : parts)
    for (KernelReport& k : part.report.kernels)
      if (k.verdict == Verdict::Refuted)
        k.verdict = Verdict::Certified;
  EXPECT_THAT(refusal(parts), HasSubstr("does not follow from its outcomes"));
}

TEST(Merge, AKernelOfAnotherShardIsSeen) {
  auto parts = shards(2);
  std::swap(parts[0].report.kernels, parts[1].report.kernels);
  EXPECT_THAT(refusal(parts), HasSubstr("where it does not belong"));
}

TEST(Merge, AHeaderThatWasNotTheSameIsSeen) {
  auto parts = shards(2);
  parts[0].report.kernels[0].includes = {{"common.cuh", "aa"}};
  parts[1].report.kernels[0].includes = {{"common.cuh", "aa"}};
  EXPECT_EQ(refusal(parts), "merged");
  parts[1].report.kernels[0].includes = {{"common.cuh", "bb"}};
  EXPECT_THAT(refusal(parts), HasSubstr("the header 'common.cuh' was not the same"));
}

TEST(Merge, TheLeastIsolationOfAllIsSaid) {
  auto parts = shards(2);
  for (NamedReport& part : parts)
    part.report.environment.isolation = {
        .processes = true, .layers = {"seccomp", "landlock 7"}, .sockets_refused = true, .writes_confined = true};
  parts[1].report.environment.isolation.layers = {"seccomp"};
  parts[1].report.environment.isolation.writes_confined = false;
  parts[1].report.environment.isolation.missing = {"no Landlock"};
  auto merged = merge(parts);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->environment.isolation.layers, std::vector<std::string>{"seccomp"});
  EXPECT_FALSE(merged->environment.isolation.writes_confined);
  EXPECT_EQ(merged->environment.isolation.missing, std::vector<std::string>{"shard 2: no Landlock"});
}

TEST(Merge, ReadsWhatWasPrintedAndNothingElse) {
  tests::ScratchFolder folder;
  std::string whole = report::renderJson(shards(2)[0].report);
  auto in = [&](const std::string& text) {
    folder.write("report.json", text);
    auto part = readShardReport(folder.path() + "/report.json");
    return part ? std::string("read") : part.error().message;
  };
  EXPECT_EQ(in(whole), "read");
  EXPECT_THAT(in(whole.substr(0, whole.size() / 2)), HasSubstr("is not a kverify report"));
  EXPECT_THAT(in("{}"), HasSubstr("it has no \"format\""));
  EXPECT_THAT(in(R"({"format":"kverify.report/1"})"), HasSubstr("key 'tool_version' not found"));
  EXPECT_THAT(in(report::renderJson(wholeAudit())), HasSubstr("the report of a whole audit"));
  Report merged = *merge(shards(2));
  EXPECT_THAT(in(report::renderJson(merged)), HasSubstr("is a merged report already"));
  auto none = readShardReport(folder.path() + "/none.json");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("cannot be read"));
}

} // namespace
} // namespace kverify::farm
