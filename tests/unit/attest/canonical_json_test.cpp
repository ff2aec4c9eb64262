// Canonical JSON against RFC 8785 (its appendix B for numbers, section 3.2.3 for the order of keys).
#include <bit>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest/canonical_json.h"

namespace kverify::attest {
namespace {

TEST(CanonicalJson, NumbersAreThoseOfAppendixB) {
  const std::pair<std::uint64_t, const char*> vectors[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const auto& [bits, text] : vectors)
    EXPECT_EQ(ecmaNumber(std::bit_cast<double>(bits)), text);
}

TEST(CanonicalJson, KeysAreInTheOrderOfTheirUtf16) {
  Json value = {{"\u20ac", "Euro Sign"},   {"\r", "Carriage Return"},           {"\ufb33", "Hebrew Letter Dalet With Dagesh"},
                {"1", "One"},              {"\U0001F600", "Emoji: Grinning Face"}, {"\u0080", "Control"},
                {"\u00f6", "Latin Small Letter O With Diaeresis"}};
  std::string text = canonical(value).value();
  std::vector<std::string> order = {"Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew"};
  std::size_t at = 0;
  for (const std::string& next : order) {
    std::size_t found = text.find(next);
    ASSERT_NE(found, text.npos) << next;
    EXPECT_GE(found, at) << next << " comes too early in " << text;
    at = found;
  }
}

TEST(CanonicalJson, StringsHaveTheShortestEscapes) {
  Json value = "\u20ac$\x0F\nA'B\"\\\\\"/\x7f";
  EXPECT_EQ(canonical(value).value(), "\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\x7f\"");
}

TEST(CanonicalJson, HasNoBlanks) {
  Json value = {{"b", {1, -2, 2.5, nullptr, true}}, {"a", Json::object()}};
  EXPECT_EQ(canonical(value).value(), R"({"a":{},"b":[1,-2,2.5,null,true]})");
}

TEST(CanonicalJson, RefusesWhatHasNoText) {
  EXPECT_FALSE(canonical(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(canonical(std::nan("")));
  EXPECT_FALSE(canonical(kLargestInteger + 1));
  EXPECT_FALSE(canonical(-kLargestInteger - 1));
  EXPECT_FALSE(canonical(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_FALSE(canonical(std::numeric_limits<std::int64_t>::min()));
  EXPECT_FALSE(canonical("\xFF"));
  EXPECT_FALSE(canonical({{"\xC0\xAF", 1}}));
  EXPECT_TRUE(canonical(kLargestInteger));
}

TEST(CanonicalJson, WrittenAndReadItIsTheSame) {
  Json value = {{"x", 0.1}, {"y", 1e300}, {"z", {{"deep", {1, 2, 3}}}}, {"big", kLargestInteger}, {"text", "naïve\t"}};
  std::string text = canonical(value).value();
  auto again = parseStrictly(text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(canonical(*again).value(), text);
}

} // namespace
} // namespace kverify::attest
