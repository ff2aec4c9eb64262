#include <set>
#include <string>

#include <gtest/gtest.h>

#include "kverify/check.h"
#include "verifier/lint/check.h"

namespace kverify::verifier::lint {
namespace {

TEST(Fixes, AreMadeFromTheEndSoThatOffsetsHold) {
  EXPECT_EQ(applyFixes("a b c", {{"", 0, 1, "xx"}, {"", 4, 1, "yy"}}), "xx b yy");
}

TEST(Fixes, TheSameInsertionIsMadeOnce) {
  EXPECT_EQ(applyFixes("float a, b;", {{"", 0, 0, "q "}, {"", 0, 0, "q "}}), "q float a, b;");
}

TEST(Fixes, OfTwoThatOverlapOneIsMade) {
  EXPECT_EQ(applyFixes("abcdef", {{"", 1, 3, "X"}, {"", 2, 2, "Y"}}), "abYef");
}

TEST(Fixes, OutsideOfTheTextNothingIsDone) {
  EXPECT_EQ(applyFixes("abc", {{"", 7, 1, "X"}, {"", 2, 5, "Y"}}), "abc");
  EXPECT_EQ(applyFixes("abc", {{"", 3, 0, "!"}}), "abc!");
}

TEST(StaticChecks, EachSaysAllThatExplainShows) {
  std::set<std::string> codes;
  for (const LintCheck& check : lintChecks()) {
    EXPECT_STREQ(check.info.stage, "static") << check.info.id;
    EXPECT_TRUE(codes.insert(check.info.code).second) << check.info.code << " is used twice";
    for (const char* text : {check.info.summary, check.info.why, check.info.fix, check.info.soundness, check.info.example})
      EXPECT_TRUE(text && *text) << check.info.id;
    for (const char* other : check.decided_by)
      EXPECT_TRUE(findCheck(other)) << check.info.id << " is decided by '" << other << "', which is no check";
  }
  EXPECT_GT(codes.size(), 20u);
}

} // namespace
} // namespace kverify::verifier::lint
