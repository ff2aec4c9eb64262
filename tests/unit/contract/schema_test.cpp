// The hand-written schemas say what the loaders do: whatever a loader takes, its schema takes; whatever a schema
// refuses, the loader refuses. (A loader also checks what no schema can: names, cycles, roles.)
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "kverify/contract.h"
#include "sample.h"
#include "tests/support/json_schema.h"

namespace kverify {
namespace {

using testing::changed;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

nlohmann::json parsed(const std::string& text) {
  return nlohmann::json::parse(text, nullptr, true, true);
}

std::string violationsOf(const char* schema, const std::string& text) {
  static const std::string folder = SCHEMA_DIR "/";
  std::string all;
  for (const std::string& one : tests::violations(parsed(read(folder + schema)), parsed(text)))
    all += one + "\n";
  return all;
}

TEST(Schema, TakesEveryContractOfTheCorpusAsTheLoaderDoes) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("kernels")) {
    if (entry.path().filename() != "contract.json")
      continue;
    ++count;
    auto contract = loadContract(entry.path().string());
    EXPECT_TRUE(contract) << contract.error().place << ": " << contract.error().message;
    EXPECT_EQ(violationsOf("contract.schema.json", read(entry.path())), "") << entry.path();
  }
  EXPECT_GE(count, 12u);
}

TEST(Schema, TakesTheBuiltInSpecs) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("specs")) {
    if (entry.path().extension() != ".json")
      continue;
    ++count;
    EXPECT_EQ(violationsOf("spec.schema.json", read(entry.path())), "") << entry.path();
  }
  EXPECT_EQ(count, builtinSpecNames().size());
}

TEST(Schema, RefusesWhatTheLoaderRefuses) {
  ASSERT_EQ(violationsOf("contract.schema.json", testing::kSample), "");
  const std::pair<const char*, const char*> breakages[] = {
      {"\"contract\": 1", "\"contract\": 2"},
      {"\"requires\"", "\"requirements\""},
      {"[1, 1000]", "[1]"},
      {"[1, 1000]", "[-1, 1000]"},
      {"[1, 1000]", "[1.5, 1000]"},
      {"[1, 1000]", "\"1..1000\""},
      {"\"list\": [32, 64]", "\"list\": []"},
      {"\"list\": [32, 64]", "\"list\": [32, 32]"},
      {"\"list\": [32, 64]", "\"list\": [32], \"equals\": \"3\""},
      {"\"list\": [32, 64]", "\"lst\": [32, 64]"},
      {"\"list\": [32, 64]", "\"list\": [32, 64], \"try\": [32]"},
      {"\"D\": {", "\"2D\": {"},
      {"\"dtype\": \"i32\"", "\"dtype\": \"int\""},
      {"\"dtype\": \"i32\", ", ""},
      {"\"access\": \"write\"", "\"access\": \"output\""},
      {"\"shape\": [\"N\"]", "\"shape\": []"},
      {"\"shape\": [\"N\"]", "\"shape\": \"N\""},
      {"\"shape\": [\"N\"]", "\"shape\": [1.5]"},
      {"\"nondecreasing\"", "\"descending\""},
      {"\"range\": [0, \"N-1\"], ", ""},
      {"\"type\": \"f32\"", "\"type\": \"float\""},
      {"\"tensor\": \"y\", ", ""},
      {"\"offset\": \"D\"", "\"ofset\": \"D\""},
      {"\"block\": [32]", "\"block\": []"},
      {"\"block\": [32]", "\"block\": [1, 1, 1, 1]"},
      {"\"block\": [32]", "\"block\": 32"},
      {", \"block\": [32]", ""},
      {"\"copy<64, true>\"", "\" \""},
      {"null]", "[1]]"},
      {"\"requires\": [", "\"precision\": {\"qk\": \"f8\"}, \"requires\": ["},
      {"\"requires\": [", "\"precision\": {\"exp\": true}, \"requires\": ["},
      {"\"requires\": [", "\"precision\": {\"q\": \"f32\"}, \"requires\": ["},
      {"\"requires\": [", "\"requires\": [true, "},
  };
  for (const auto& [from, to] : breakages) {
    const std::string text = changed(from, to);
    ASSERT_NE(text, testing::kSample) << "nothing to replace: " << from;
    EXPECT_NE(violationsOf("contract.schema.json", text), "") << "the schema takes " << to;
    EXPECT_FALSE(parseContract("c.json", text)) << "the loader takes " << to;
  }
}

TEST(Schema, SpecsThatAreBroken) {
  const std::string good = read("specs/attention.forward.json");
  const std::pair<const char*, const char*> breakages[] = {
      {"\"spec\": 1", "\"spec\": 2"},
      {"\"oracle\"", "\"orcale\""},
      {"\"direction\": \"out\"", "\"direction\": \"output\""},
      {"\"optional\": true", "\"optional\": 1"},
      {"\"type\": \"choice\"", "\"type\": \"enum\""},
      {"\"default\": \"1/sqrt(d)\", ", ""},
      {"[\"b\", \"h\", \"nq\", \"d\"]", "[\"b\", \"b\", \"nq\", \"d\"]"},
  };
  for (const auto& [from, to] : breakages) {
    const std::string text = changed(from, to, good);
    ASSERT_NE(text, good) << "nothing to replace: " << from;
    EXPECT_NE(violationsOf("spec.schema.json", text), "") << "the schema takes " << to;
    EXPECT_FALSE(parseSpec("s.json", text)) << "the loader takes " << to;
  }
  EXPECT_FALSE(parseSpec("s.json", changed("\"h % hk == 0\"", "\"h % kh == 0\"", good))) << "a constraint over no axis";
}

} // namespace
} // namespace kverify
