#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "contract/json_document.h"

namespace kverify::contract {
namespace {

using ::testing::HasSubstr;

constexpr const char* kText = R"(// a comment, with "quotes" and {
{
  "a": [1,
    { "b/c": true, "d~e": "x // no comment \" }" }], /* { "z": 1 }
  */ "f": -1.5e3
}
)";

TEST(Json, EveryValueKnowsItsLine) {
  auto document = parseJson("c.json", kText);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->place(""), "c.json:2 (/)");
  EXPECT_EQ(document->place("/a/0"), "c.json:3 (/a/0)");
  EXPECT_EQ(document->place("/a/1/b~1c"), "c.json:4 (/a/1/b~1c)");
  EXPECT_EQ(document->place("/a/1/d~0e"), "c.json:4 (/a/1/d~0e)");
  EXPECT_EQ(document->place("/f"), "c.json:5 (/f)");
  EXPECT_EQ(document->place("/a/1/missing"), "c.json:4 (/a/1/missing)") << "the enclosing value's line";
  EXPECT_EQ(document->positions.at("/f").column, 11u);
  EXPECT_EQ(document->root["a"][1]["d~e"], "x // no comment \" }");
}

std::string error(const std::string& text) {
  auto document = parseJson("c.json", text);
  return document ? "parsed" : document.error().place + ": " + document.error().message;
}

TEST(Json, RefusesWhatIsMalformed) {
  EXPECT_EQ(error(""), "c.json: the file is empty");
  EXPECT_EQ(error(" \n "), "c.json: the file is empty");
  EXPECT_EQ(error("{\"a\": 1,\n \"b\": {}, \"a\": 2}"), "c.json:2:11: the key 'a' is given twice");
  EXPECT_EQ(error("{\"a\": {\"x\": 1, \"\\u0078\": 2}}"), "c.json:1:16: the key 'x' is given twice");
  EXPECT_THAT(error("{\"a\": 1,\n  \"b\" 2}"), HasSubstr("c.json:2:"));
  EXPECT_THAT(error("{\"a\": 1,}"), HasSubstr("not valid JSON: "));
  EXPECT_THAT(error("{\"a\": [1, 2}"), HasSubstr("not valid JSON: "));
  EXPECT_THAT(error("{\"a\": \"x"), HasSubstr("not valid JSON: "));
  EXPECT_THAT(error("{\"a\": 1} {"), HasSubstr("not valid JSON: "));
  EXPECT_THAT(error("{\"\xff\": 1}"), HasSubstr("not valid JSON: "));
  EXPECT_THAT(error("// only a comment"), HasSubstr("not valid JSON: "));
  EXPECT_THAT(error(std::string(100, '[')), HasSubstr("nested deeper than 64"));
}

RC_GTEST_PROP(JsonProperty, AnyTextIsParsedOrRefused, (const std::string& text)) {
  auto document = parseJson("c.json", text);
  if (!document)
    RC_ASSERT(!document.error().message.empty());
}

} // namespace
} // namespace kverify::contract
