// JSON from somebody who may want to harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest/strict_json.h"

namespace kverify::attest {
namespace {

using Kind = JsonFault::Kind;

Kind faultOf(std::string_view text, const JsonLimits& limits = {}) {
  auto parsed = parseStrictly(text, limits);
  EXPECT_FALSE(parsed) << "this was taken: " << text.substr(0, 80);
  return parsed ? Kind::Malformed : parsed.error().kind;
}

TEST(StrictJson, TakesPlainJson) {
  auto parsed = parseStrictly(" {\"a\": [1, -2, 2.5e3, null, true, \"x\\u0041\"], \"b\": {}} \n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->dump(), R"({"a":[1,-2,2500.0,null,true,"xA"],"b":{}})");
}

TEST(StrictJson, RefusesAKeyGivenTwice) {
  EXPECT_EQ(faultOf(R"({"verdict":"refuted","verdict":"certified"})"), Kind::DuplicateKey);
  EXPECT_EQ(faultOf(R"({"a":{"x":1,"y":2,"x":1}})"), Kind::DuplicateKey);
  EXPECT_EQ(faultOf(R"([{"a":1},{"b":1,"b":1}])"), Kind::DuplicateKey);
}

TEST(StrictJson, AKeyGivenTwiceInAnotherSpellingIsTheSameKey) {
  EXPECT_EQ(faultOf(R"({"verdict":1,"\u0076erdict":2})"), Kind::DuplicateKey);
}

TEST(StrictJson, TheSameKeyInTwoObjectsIsFine) {
  EXPECT_TRUE(parseStrictly(R"({"a":{"x":1},"b":{"x":1},"x":[{"x":1},{"x":2}]})"));
}

TEST(StrictJson, RefusesWhatIsNoText) {
  EXPECT_EQ(faultOf(std::string_view("{\"a\":1}\0", 8)), Kind::NotText);
  EXPECT_EQ(faultOf("\xEF\xBB\xBF{}"), Kind::NotText);
  EXPECT_EQ(faultOf("{\"a\":\"\xFF\"}"), Kind::NotText);
}

TEST(StrictJson, RefusesNumbersThatReadersDisagreeOn) {
  EXPECT_EQ(faultOf("9007199254740992"), Kind::BadNumber);
  EXPECT_EQ(faultOf("-9007199254740992"), Kind::BadNumber);
  EXPECT_EQ(faultOf("18446744073709551616"), Kind::BadNumber);
  EXPECT_EQ(faultOf("1e400"), Kind::BadNumber);
  EXPECT_EQ(faultOf("1." + std::string(100, '0')), Kind::BadNumber);
  EXPECT_TRUE(parseStrictly("9007199254740991"));
}

TEST(StrictJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", " ", "{", "{}{}", "[1,]", "{\"a\":1,}", "nul", "'a'", "// c\n1", "NaN", "01", "\"\n\"", "\"\\ud800\""})
    EXPECT_EQ(faultOf(text), Kind::Malformed) << text;
}

TEST(StrictJson, DepthCostsNoStack) {
  std::string deep = std::string(4 << 20, '[');
  EXPECT_EQ(faultOf(deep), Kind::TooDeep);
  JsonLimits two{.depth = 2};
  EXPECT_TRUE(parseStrictly("[[]]", two));
  EXPECT_EQ(faultOf("[[[]]]", two), Kind::TooDeep);
}

TEST(StrictJson, HasAnEnd) {
  EXPECT_EQ(faultOf("[1,2,3]", {.bytes = 6}), Kind::TooLarge);
  EXPECT_EQ(faultOf("[1,2,3]", {.values = 3}), Kind::TooLarge);
  EXPECT_TRUE(parseStrictly("[1,2,3]", {.bytes = 7, .values = 4}));
}

TEST(StrictJson, SaysWhereItStops) {
  auto parsed = parseStrictly("{\"a\": 1, b}");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, testing::HasSubstr("byte 10"));
}

} // namespace
} // namespace kverify::attest
