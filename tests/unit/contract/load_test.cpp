#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kverify/contract.h"
#include "sample.h"

namespace kverify {
namespace {

using testing::changed;
using ::testing::HasSubstr;

std::string error(const std::string& text) {
  auto contract = parseContract("c.json", text);
  if (contract)
    return "loaded";
  return contract.error().place + ": " + contract.error().message +
         (contract.error().hint.empty() ? "" : " | " + contract.error().hint);
}

TEST(Load, TheSample) {
  auto contract = parseContract("c.json", testing::kSample);
  ASSERT_TRUE(contract) << contract.error().place << " " << contract.error().message;
  EXPECT_EQ(contract->sizes.size(), 3u);
  EXPECT_EQ(contract->sizes[0].name, "N") << "in the order of the file";
  EXPECT_EQ(contract->tensors[0].strides[0].text, "D+4");
  EXPECT_EQ(contract->tensors[0].shape[1].place, "c.json:9 (/tensors/x/shape/1)");
  EXPECT_EQ(contract->launches[0].args.size(), 6u);
  EXPECT_TRUE(std::holds_alternative<NullArgDecl>(contract->launches[0].args[5].value));
  EXPECT_EQ(contract->sha256.size(), 64u);
  EXPECT_EQ(contract->spec, nullptr);
}

TEST(Load, NamesThePlaceAndTheNearestKey) {
  EXPECT_EQ(error(changed("\"shape\": [\"N\", \"D\"], \"access\": \"write\"",
                          "\"shpe\": [\"N\", \"D\"], \"access\": \"write\"")),
            "c.json:10 (/tensors/y/shpe): unknown key 'shpe' | did you mean 'shape'?");
  EXPECT_EQ(error(changed("\"D+4\"", "\"Dd+4\"")),
            "c.json:9 (/tensors/x/strides/0): unknown name 'Dd' at column 1 of 'Dd+4' | did you mean 'D'?");
  EXPECT_EQ(error(changed("\"access\": \"write\"", "\"access\": \"wirte\"")),
            "c.json:10 (/tensors/y/access): 'wirte' is not allowed here | did you mean 'write'?");
  EXPECT_EQ(error(changed("\"access\": \"write\"", "\"access\": 3")),
            "c.json:10 (/tensors/y/access): expected a string, found number");
  EXPECT_EQ(error(changed(", \"access\": \"write\"", "")), "c.json:10 (/tensors/y): the key 'access' is missing");
  EXPECT_EQ(error(changed("\"tensor\": \"y\"", "\"tensor\": \"yy\"")),
            "c.json:15 (/launches/0/args/1/tensor): there is no tensor 'yy' | did you mean 'y'?");
  EXPECT_EQ(error(changed("\"idx\", \"N\"", "\"idy\", \"N\"")),
            "c.json:15 (/launches/0/args/2): unknown name 'idy' at column 1 of 'idy' | did you mean 'idx'?");
}

TEST(Load, ChecksSizes) {
  EXPECT_THAT(error(changed("[1, 1000]", "[1000, 1]")),
              HasSubstr("c.json:4 (/sizes/N/range): the range [1000, 1] is empty"));
  EXPECT_THAT(error(changed("[1, 1000]", "[-1, 1000]")), HasSubstr("can't be negative"));
  EXPECT_THAT(error(changed("[1, 1000]", "[1, 2, 3]")), HasSubstr("expected 2 to 2 elements, found 3"));
  EXPECT_THAT(error(changed("[32, 33]", "[32, 3300]")), HasSubstr("3300 is outside the range [1, 1000]"));
  EXPECT_THAT(error(changed("[32, 64]", "[32, 32]")), HasSubstr("32 is given twice"));
  EXPECT_THAT(error(changed("[32, 64]", "[]")), HasSubstr("expected at least 1 elements, found 0"));
  EXPECT_THAT(error(changed("ceildiv(N, 32)", "T + 1")), HasSubstr("defined through itself: T -> T"));
  EXPECT_THAT(error(changed("{ \"list\": [32, 64] }", "{ \"equals\": \"T*2\" }", changed("ceildiv(N, 32)", "D + N"))),
              HasSubstr("defined through itself: D -> T -> D"));
  EXPECT_THAT(error(changed("\"D\": {", "\"min\": {")), HasSubstr("is a word of the expression language"));
  EXPECT_THAT(error(changed("\"D\": {", "\"2D\": {")), HasSubstr("'2D' is not a name"));
  EXPECT_THAT(error(changed("\"list\": [32, 64]", "\"list\": [32, 64], \"equals\": \"3\"")),
              HasSubstr("exactly one of"));
  EXPECT_THAT(error(changed("[1, 1000]", "[1, 99999999999999999999]")), HasSubstr("c.json:4 (/sizes/N/range/1)"));
}

TEST(Load, ChecksTensors) {
  EXPECT_THAT(error(changed("[\"D+4\", 1]", "[1]")), HasSubstr("1 strides for a shape of 2 dimensions"));
  EXPECT_THAT(error(changed("\"y\": {", "\"N\": {")), HasSubstr("a size has this name already"));
  EXPECT_THAT(error(changed("\"dtype\": \"i32\"", "\"dtype\": \"f32\"")), HasSubstr("'holds' is for integer tensors"));
  EXPECT_THAT(error(changed("\"range\": [0, \"N-1\"], ", "")), HasSubstr("'holds' needs a 'range'"));
  EXPECT_THAT(error(changed("\"order\": \"nondecreasing\"", "\"order\": \"increasing\", \"permutation\": true")),
              HasSubstr("a permutation has neither an order nor fixed ends"));
  EXPECT_THAT(error(changed("\"shape\": [\"N\"]", "\"shape\": []")), HasSubstr("expected 1 to 8 elements, found 0"));
  EXPECT_THAT(error(changed("\"access\": \"write\"", "\"access\": \"write\", \"role\": \"O\"")),
              HasSubstr("no meaning without a spec"));
}

TEST(Load, ChecksTheRest) {
  EXPECT_THAT(error(changed("\"contract\": 1", "\"contract\": 2")), HasSubstr("version 1"));
  EXPECT_THAT(error(changed("\"requires\"", "\"options\": {\"causal\": true}, \"requires\"")),
              HasSubstr("no meaning without a spec"));
  EXPECT_THAT(error(changed("\"requires\"", "\"requirs\"")), HasSubstr("did you mean 'requires'?"));
  EXPECT_THAT(error(changed("\"requires\"", "\"precision\": {\"exp\": \"fst\"}, \"requires\"")),
              HasSubstr("did you mean 'fast'?"));
  EXPECT_THAT(error(changed("\"requires\"", "\"spec\": \"attention.foward\", \"requires\"")),
              HasSubstr("no spec is called 'attention.foward' | did you mean 'attention.forward'?"));
  EXPECT_THAT(error("[]"), HasSubstr("expected an object, found array"));
}

std::string attention(const std::string& q = R"("role": "Q")", const std::string& options = R"("causal": true)",
                      const std::string& out = R"("access": "write", "role": "O")") {
  return R"({ "contract": 1, "spec": "attention.forward",
  "sizes": { "N": { "range": [1, 9] }, "C": { "list": [0, 1] } },
  "tensors": {
    "q": { "dtype": "f32", "shape": [1, 1, "N", 8], "access": "read", )" +
         q + R"( },
    "K": { "dtype": "f32", "shape": ["N", 8], "access": "read", "axes": ["nk", "d"] },
    "V": { "dtype": "f32", "shape": ["N", 8], "access": "read", "axes": ["nk", "dv"] },
    "out": { "dtype": "f32", "shape": [1, 1, "N", 8], )" +
         out + R"( },
    "scratch": { "dtype": "f32", "shape": ["N"], "access": "temporary" }
  },
  "options": { )" +
         options + R"( },
  "launches": [ { "kernel": "k", "args": ["q", "K", "V", "out"], "grid": [1], "block": [1] } ] })";
}

/// rope with x in place, and positions.
std::string rope(const std::string& x, const std::string& positions) {
  return R"({ "contract": 1, "spec": "rope", "sizes": { "N": { "range": [1, 9] } },
  "tensors": {
    "t": { "dtype": "f32", "shape": [1, 1, "N", 8], )" +
         x + R"( },
    "positions": { "dtype": )" +
         positions + R"(, "shape": ["N"], "axes": ["n"], "access": "read" },
    "copy": { "dtype": "f32", "shape": [1, 1, "N", 8], "access": "write", "role": null }
  },
  "launches": [ { "kernel": "k", "args": ["t", "positions", "copy"], "grid": [1], "block": [1] } ] })";
}

TEST(Load, WhatNaNsDoIsDeclaredOrNot) {
  const std::string with = "{ \"nonfinite\": { \"inputs\": \"propagate\", \"masked\": \"any\" }, \"contract\": 1";
  auto plain = parseContract("c.json", testing::kSample);
  auto declared = parseContract("c.json", changed("{\n  \"contract\": 1", with));
  ASSERT_TRUE(plain);
  ASSERT_TRUE(declared) << declared.error().place << declared.error().message;
  EXPECT_FALSE(plain->nonfinite.inputs_propagate || plain->nonfinite.masked_ignored);
  EXPECT_TRUE(declared->nonfinite.inputs_propagate);
  EXPECT_FALSE(declared->nonfinite.masked_ignored);
  EXPECT_THAT(error(changed("{\n  \"contract\": 1", "{ \"nonfinite\": { \"inputs\": \"drop\" }, \"contract\": 1")),
              HasSubstr("this is 'propagate', or 'any' (as where nothing is said), not 'drop'"));
  EXPECT_THAT(error(changed("{\n  \"contract\": 1", "{ \"nonfinite\": { \"mask\": \"any\" }, \"contract\": 1")),
              HasSubstr("unknown key 'mask' | did you mean 'masked'?"));
}

TEST(Load, ATensorUpdatedInPlaceHasTwoRoles) {
  const std::string good = R"("access": "read_write", "role": ["x", "y"])";
  auto contract = parseContract("c.json", rope(good, "\"i32\""));
  ASSERT_TRUE(contract) << contract.error().place << contract.error().message;
  EXPECT_EQ(contract->findRole("x"), contract->findRole("y"));
  EXPECT_EQ(contract->findRole("x")->name, "t");
  EXPECT_EQ(contract->findRole("x")->output_role, "y");

  EXPECT_THAT(error(rope(R"("access": "read_write", "role": ["y", "x"])", "\"i32\"")),
              HasSubstr("the first is an input, the second the output"));
  EXPECT_THAT(error(rope(R"("access": "read", "role": ["x", "y"])", "\"i32\"")), HasSubstr("is an output"));
  EXPECT_THAT(error(rope(R"("access": "read_write", "role": ["cos", "y"])", "\"i32\"")),
              HasSubstr("their axes differ"));
  EXPECT_THAT(error(rope(R"("access": "read_write", "role": ["x", "z"])", "\"i32\"")), HasSubstr("'z' is not allowed here"));
}

TEST(Load, RolesHaveIntegersOrFloats) {
  const std::string good = R"("access": "read_write", "role": ["x", "y"])";
  EXPECT_THAT(error(rope(good, "\"f32\"")), HasSubstr("the role 'positions' needs an integer type"));
  std::string integers = rope(good, "\"i64\"");
  integers.replace(integers.find("\"f32\""), 5, "\"i32\"");
  EXPECT_THAT(error(integers), HasSubstr("the role 'y' needs a floating type"));
}

TEST(Load, SettlesRolesAgainstTheSpec) {
  auto contract = parseContract("c.json", attention());
  ASSERT_TRUE(contract) << contract.error().place << contract.error().message;
  EXPECT_EQ(contract->findRole("K")->name, "K") << "a role defaults to the tensor's name";
  EXPECT_EQ(contract->findRole("Q")->axes, (std::vector<std::string>{"b", "h", "nq", "d"}));
  EXPECT_EQ(contract->findTensor("scratch")->role, "");
  EXPECT_EQ(contract->findRole("LSE"), nullptr);
  EXPECT_EQ(contract->options.at("causal").choice, "bottom-right");

  EXPECT_THAT(error(attention(R"("role": "QQ")")), HasSubstr("did you mean 'Q'?"));
  EXPECT_THAT(error(attention(R"("role": null)")), HasSubstr("no tensor has the role 'Q'"));
  EXPECT_THAT(error(attention(R"("role": "K")")), HasSubstr("another tensor has the role 'K' already"));
  EXPECT_THAT(error(attention(R"("role": "Q", "axes": ["b", "h", "nq"])")),
              HasSubstr("has 4 dimensions, but its axes are [b, h, nq]"));
  EXPECT_THAT(error(attention(R"("role": "Q", "axes": ["b", "h", "nk", "d"])")), HasSubstr("did you mean"));
  EXPECT_THAT(error(attention(R"("role": "Q", "axes": ["b", "h", "d", "d"])")),
              HasSubstr("the axis 'd' is given twice"));
  EXPECT_THAT(error(attention(R"("role": "Q")", "", R"("access": "read", "role": "O")")), HasSubstr("is an output"));
  EXPECT_THAT(error(attention(R"("role": "Q")", "", R"("access": "write")")),
              HasSubstr("'out' is no role of attention.forward"));
}

TEST(Load, SettlesOptionsAgainstTheSpec) {
  EXPECT_EQ(error(attention(R"("role": "Q")", R"x("causal": "top-left", "scale": "1/sqrt(N)")x")), "loaded");
  EXPECT_EQ(error(attention(R"("role": "Q")", R"("causal": "C", "scale": 0.125)")), "loaded");
  EXPECT_THAT(error(attention(R"("role": "Q")", R"("casual": true)")), HasSubstr("did you mean 'causal'?"));
  EXPECT_THAT(error(attention(R"("role": "Q")", R"("causal": "top-lft")")), HasSubstr("did you mean 'top-left'?"));
  EXPECT_THAT(error(attention(R"("role": "Q")", R"x("scale": "1/sqrt(M)")x")), HasSubstr("unknown name 'M'"));
}

TEST(Load, FilesThatCannotBeRead) {
  EXPECT_THAT(loadContract("no/such/contract.json").error().message, HasSubstr("No such file"));
  EXPECT_THAT(loadContract(".").error().message, HasSubstr("is a folder"));
}

TEST(Spec, BuiltInOnesLoad) {
  EXPECT_THAT(builtinSpecNames(), ::testing::UnorderedElementsAre(
                  "attention.backward", "attention.forward", "attention.merge", "attention.paged", "attention.split",
                  "attention.varlen", "cross_entropy", "elementwise", "layer_norm", "layer_norm.backward",
                  "log_softmax", "matmul", "reduce", "rms_norm", "rms_norm.backward",
                  "rope", "softmax"));
  for (const std::string& name : builtinSpecNames()) {
    auto spec = loadSpec(name);
    ASSERT_TRUE(spec) << spec.error().place << spec.error().message;
    EXPECT_EQ((*spec)->name, name);
    EXPECT_EQ((*spec)->path, "built in");
  }
}

TEST(Spec, FromAFileIsTheSame) {
  auto from_file = loadSpec("softmax.json", "specs"), built_in = loadSpec("softmax");
  ASSERT_TRUE(from_file) << from_file.error().message;
  EXPECT_EQ((*from_file)->sha256, (*built_in)->sha256);
}

TEST(Sizes, AreCompletedAndChecked) {
  auto contract = parseContract("c.json", testing::kSample);
  ASSERT_TRUE(contract);
  auto sizes = completeSizes(*contract, {{"N", 33}, {"D", 64}});
  ASSERT_TRUE(sizes);
  EXPECT_EQ(sizes->at("T"), 2);
  EXPECT_EQ((*brokenRequirement(*contract, *sizes))->text, "N % 4 == 0 or N < 4");
  EXPECT_EQ(*brokenRequirement(*contract, *completeSizes(*contract, {{"N", 32}, {"D", 64}})), nullptr);
  EXPECT_THAT(completeSizes(*contract, {{"N", 33}}).error().message, HasSubstr("the size 'D' has no value"));
  EXPECT_THAT(completeSizes(*contract, {{"N", 0}, {"D", 64}}).error().message, HasSubstr("N = 0 is outside [1, 1000]"));
  EXPECT_THAT(completeSizes(*contract, {{"N", 4}, {"D", 65}}).error().message, HasSubstr("D = 65 is outside {32, 64}"));
  EXPECT_THAT(completeSizes(*contract, {{"N", 4}, {"D", 64}, {"T", 9}}).error().message,
              HasSubstr("equals ceildiv(N, 32) = 1"));
  EXPECT_THAT(completeSizes(*contract, {{"N", 4}, {"D", 64}, {"Nn", 9}}).error().hint, HasSubstr("'N'"));
}

} // namespace
} // namespace kverify
