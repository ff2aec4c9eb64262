#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verifier/lint/allow.h"

namespace kverify::verifier::lint {
namespace {

TEST(Allow, SpeaksForItsOwnLine) {
  auto found = allowancesIn("k.cu", "int a;\nf();  // kverify-allow(launch.no-error-check): run() asks\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line, 2u);
  EXPECT_EQ(found[0].suppression.check, "launch.no-error-check");
  EXPECT_EQ(found[0].suppression.reason, "run() asks");
  EXPECT_EQ(found[0].suppression.at.line, 2u);
  EXPECT_EQ(found[0].suppression.at.column, 10u);
}

TEST(Allow, OnALineOfItsOwnItSpeaksForTheNextCode) {
  auto found = allowancesIn("k.cu", "// kverify-allow(a.b): one\n// more words\n\n  f();\ng();\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line, 4u);
  EXPECT_EQ(found[0].suppression.at.line, 1u);
}

TEST(Allow, SeveralOnOneLineHaveTheirOwnReasons) {
  auto found = allowancesIn("k.cu", "f();  // kverify-allow(a.b): one kverify-allow(c.d): two  // and a remark\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].suppression.reason, "one");
  EXPECT_EQ(found[1].suppression.check, "c.d");
  EXPECT_EQ(found[1].suppression.reason, "two");
}

TEST(Allow, NoColonOrNothingAfterItIsNoReason) {
  auto found = allowancesIn("k.cu", "f();  // kverify-allow(a.b)\ng();  // kverify-allow(a.b):  \n"
                                    "h();  // kverify-allow(a.b) because\n");
  ASSERT_EQ(found.size(), 3u);
  for (const Allowance& one : found)
    EXPECT_EQ(one.suppression.reason, "") << "line " << one.line;
}

TEST(Allow, StringsAreNoComments) {
  EXPECT_THAT(allowancesIn("k.cu", "const char* s = \"// kverify-allow(a.b): no\";\n"), testing::IsEmpty());
  EXPECT_THAT(allowancesIn("k.cu", "const char* s = \"\\\"// kverify-allow(a.b): no\";\n"), testing::IsEmpty());
  EXPECT_EQ(allowancesIn("k.cu", "char c = '\"';  // kverify-allow(a.b): yes\n").size(), 1u);
  EXPECT_EQ(allowancesIn("k.cu", "int n = 1'000;  // kverify-allow(a.b): yes\n").size(), 1u);
}

TEST(Allow, BlockCommentsAreToldApart) {
  auto found = allowancesIn("k.cu", "f();  /* kverify-allow(a.b): x\n kverify-allow(c.d): y */\ng();\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].in_block);
  EXPECT_TRUE(found[1].in_block);
  auto after = allowancesIn("k.cu", "/* a */ f();  // kverify-allow(a.b): x\n");
  ASSERT_EQ(after.size(), 1u);
  EXPECT_FALSE(after[0].in_block) << "the block comment ended before";
}

TEST(Allow, TheEndOfTheTextNeedsNoNewline) {
  auto found = allowancesIn("k.cu", "f();  // kverify-allow(a.b): x");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].suppression.reason, "x");
  EXPECT_THAT(allowancesIn("k.cu", "// kverify-allow(a.b"), testing::IsEmpty());
}

} // namespace
} // namespace kverify::verifier::lint
