// Shards are cut by content alone, and the numbers that the documentation promises do not change.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.h"
#include "farm/identity.h"
#include "farm/shard.h"
#include "tests/support/run_program.h"

namespace kverify::farm {
namespace {

using testing::HasSubstr;

TEST(Shard, ReadsPartOfWhole) {
  auto shard = parseShard("2/8");
  ASSERT_TRUE(shard);
  EXPECT_EQ(*shard, (Shard{2, 8}));
}

TEST(Shard, RefusesWhatIsNoPart) {
  for (const char* text : {"", "2", "2/", "/8", "a/b", "2/8/1", "-1/8", "2 /8", "1.5/2"}) {
    auto shard = parseShard(text);
    ASSERT_FALSE(shard) << text;
    EXPECT_THAT(shard.error().message, HasSubstr("is no part of a whole")) << text;
  }
  EXPECT_THAT(parseShard("0/8").error().hint, HasSubstr("counted from 1"));
  EXPECT_THAT(parseShard("9/8").error().message, HasSubstr("no shard 9 of 8"));
  EXPECT_THAT(parseShard("1/0").error().message, HasSubstr("cannot be 0 shards"));
}

TEST(Shard, IsTheHashModuloTheCount) {
  // 0x00000000000000ff = 255.
  std::string content = "00000000000000ff" + std::string(48, '0');
  EXPECT_EQ(shardOf(content, 8), 255 % 8 + 1);
  EXPECT_EQ(shardOf(content, 1), 1u);
  EXPECT_EQ(shardOf("ffffffffffffffff", 7), 0xffffffffffffffffull % 7 + 1);
}

TEST(Shard, EveryJobIsInExactlyOneAndTheyAreOfLikeSize) {
  std::vector<int> sizes(4);
  for (int i = 0; i < 4000; ++i)
    ++sizes.at(shardOf(sha256Hex(std::to_string(i)), 4) - 1);
  for (int size : sizes)
    EXPECT_NEAR(size, 1000, 120);
}

TEST(Identity, IsOfTheContentWhereverItLies) {
  tests::ScratchFolder folder;
  folder.write("a/k.cu", "kernel");
  folder.write("b/other.cu", "kernel");
  folder.write("b/changed.cu", "kernel ");
  folder.write("c.json", "{}");
  auto in = [&](const char* name) { return folder.path() + "/" + name; };
  auto all = identify({{in("a/k.cu"), "", "", ""},
                       {in("b/other.cu"), "", "", ""},
                       {in("b/changed.cu"), "", "", ""},
                       {in("a/k.cu"), in("c.json"), "", ""},
                       {in("a/k.cu"), "", "k", ""},
                       {in("a/k.cu"), "", "", "grid 1"},
                       {in("a/k.cu"), "", "", ""}});
  EXPECT_EQ(all[0].content_sha256, all[1].content_sha256);
  EXPECT_NE(all[0].key, all[1].key) << "two files of one content are two jobs";
  EXPECT_EQ(all[0].content_sha256, all[6].content_sha256);
  EXPECT_NE(all[0].key, all[6].key) << "a file named twice is judged twice";
  std::set<std::string> contents;
  for (std::size_t i : {0, 2, 3, 4, 5})
    contents.insert(all[i].content_sha256);
  EXPECT_EQ(contents.size(), 5u) << "source, contract, kernel and launch all count";
}

TEST(Identity, TheFormulaIsTheDocumentedOne) {
  tests::ScratchFolder folder;
  folder.write("k.cu", "kernel");
  auto all = identify({{folder.path() + "/k.cu", "", "", ""}});
  EXPECT_EQ(all[0].content_sha256, sha256Hex("kverify.job/1\nsource " + sha256Hex("kernel") + "\ncontract -\nkernel \nlaunch \n"));
}

} // namespace
} // namespace kverify::farm
