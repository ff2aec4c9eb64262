// What a policy asks of a certificate, and how one is written down.
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest/policy.h"
#include "attest/policy_file.h"
#include "tests/support/json_schema.h"
#include "tests/unit/attest/sample.h"

namespace kverify::attest {
namespace {

const std::vector<KnownCheck> kKnown = {{"barrier.divergent", true},     {"bounds.global-read", true},
                                        {"index.overflow", true},        {"numerics.bound", false},
                                        {"race.shared-read-write", true}, {"race.shared-write-write", true}};

Opened sample() {
  return {tests::sampleCertificate(), tests::sampleTiming(), tests::sampleKey().publicKey().id(), std::string(64, 'a')};
}

/// Why the sample is not enough; empty where it is.
std::string shortfallOf(const CertificatePolicy& policy, const Opened& opened = sample(),
                        std::int64_t now = tests::sampleTiming().issued) {
  auto accepted = satisfies(opened, policy, kKnown, now);
  EXPECT_TRUE(accepted || accepted.error().reason == Reason::Policy) << accepted.error().message;
  return accepted ? "" : accepted.error().message;
}

CertificatePolicy needing(const std::string& match, Need need, std::uint64_t cases = 0) {
  return {.name = "'test'", .checks = {{match, need, cases}}};
}

TEST(Policy, AnEmptyOneAsksForAVerdictAndAContract) {
  EXPECT_EQ(shortfallOf({.name = "'test'"}), "");
  Opened launch = sample();
  launch.certificate = tests::sampleLaunchCertificate();
  EXPECT_THAT(shortfallOf({.name = "'test'"}, launch), testing::HasSubstr("a contract is wanted"));
  EXPECT_EQ(shortfallOf({.name = "'test'", .contract_required = false}, launch), "");
}

TEST(Policy, AskedForProofsTestsAreNotEnough) {
  EXPECT_EQ(shortfallOf(needing("bounds.global-read", Need::UnboundedProof)), "");
  EXPECT_EQ(shortfallOf(needing("race.shared-read-write", Need::Proof)), "");
  EXPECT_THAT(shortfallOf(needing("race.shared-read-write", Need::UnboundedProof)), testing::HasSubstr("listed sizes only"));
  EXPECT_THAT(shortfallOf(needing("index.overflow", Need::Proof)), testing::HasSubstr("is not proved"));
  EXPECT_THAT(shortfallOf(needing("index.overflow", Need::Tests)), testing::HasSubstr("neither proved nor tested"));
}

TEST(Policy, ACheckThatIsNotMentionedIsMissed) {
  EXPECT_THAT(shortfallOf(needing("race.shared-write-write", Need::Tests)), testing::HasSubstr("is not mentioned"));
  EXPECT_THAT(shortfallOf(needing("race.*", Need::Tests)), testing::HasSubstr("race.shared-write-write is not mentioned"));
  EXPECT_THAT(shortfallOf(needing("race.that-nobody-knows", Need::Tests)), testing::HasSubstr("is not mentioned"));
}

TEST(Policy, ACheckWithNothingToJudgeIsFine) {
  EXPECT_EQ(shortfallOf(needing("barrier.*", Need::UnboundedProof)), "");
}

TEST(Policy, APatternAsksTestsOfWhatNoProverKnows) {
  EXPECT_EQ(shortfallOf(needing("numerics.*", Need::Proof)), "");
  EXPECT_THAT(shortfallOf(needing("numerics.bound", Need::Proof)), testing::HasSubstr("is not proved"));
}

TEST(Policy, CountsCases) {
  EXPECT_EQ(shortfallOf(needing("numerics.bound", Need::Tests, 40)), "");
  EXPECT_THAT(shortfallOf(needing("numerics.bound", Need::Tests, 41)), testing::HasSubstr("tested on 40 cases, and 41 are wanted"));
}

TEST(Policy, TheLastRuleThatMatchesDecides) {
  CertificatePolicy policy = needing("race.*", Need::UnboundedProof);
  policy.checks.push_back({"race.shared-*", Need::Nothing});
  EXPECT_EQ(shortfallOf(policy), "");
}

TEST(Policy, AsksForScores) {
  EXPECT_EQ(shortfallOf({.name = "'test'", .kill_score = 0.9, .oracle_score = 0.95}), "");
  EXPECT_THAT(shortfallOf({.name = "'test'", .kill_score = 0.91}), testing::HasSubstr("mutants"));
  EXPECT_THAT(shortfallOf({.name = "'test'", .oracle_score = 0.96}), testing::HasSubstr("19 of 20"));
  Opened none = sample();
  none.certificate.mutation.reset();
  EXPECT_THAT(shortfallOf({.name = "'test'", .kill_score = 0.0}, none), testing::HasSubstr("no kill score"));
}

TEST(Policy, AsksForToolTargetAndBackend) {
  EXPECT_EQ(shortfallOf({.name = "'test'", .tool_at_least = Version{0, 1, 0}, .tool_below = Version{0, 2, 0}}), "");
  EXPECT_THAT(shortfallOf({.name = "'test'", .tool_at_least = Version{0, 1, 1}}), testing::HasSubstr("kverify 0.1.0 made it"));
  EXPECT_THAT(shortfallOf({.name = "'test'", .tool_below = Version{0, 1, 0}}), testing::HasSubstr("kverify 0.1.0 made it"));
  EXPECT_THAT(shortfallOf({.name = "'test'", .targets = {"sm_90"}}), testing::HasSubstr("sm_90 is wanted"));
  EXPECT_THAT(shortfallOf({.name = "'test'", .backends = {"cuda", "both"}}), testing::HasSubstr("cuda or both"));
  EXPECT_THAT(shortfallOf({.name = "'test'", .require = Require::Proof}), testing::HasSubstr("'proof' is wanted"));
}

TEST(Policy, AsksForCleanSource) {
  CertificatePolicy policy{.name = "'test'"};
  policy.suppressions = {"coding.*"};
  EXPECT_EQ(shortfallOf(policy), "");
  policy.suppressions->clear();
  EXPECT_THAT(shortfallOf(policy), testing::HasSubstr("is suppressed at flash.cu:11"));
  policy.suppressions.reset();
  policy.allow_warnings = false;
  EXPECT_THAT(shortfallOf(policy), testing::HasSubstr("warns at flash.cu:12"));
}

TEST(Policy, AsksForFreshOnes) {
  CertificatePolicy policy{.name = "'test'", .max_age_seconds = 10 * 86400};
  std::int64_t issued = tests::sampleTiming().issued;
  EXPECT_EQ(shortfallOf(policy, sample(), issued + 9 * 86400), "");
  EXPECT_THAT(shortfallOf(policy, sample(), issued + 11 * 86400), testing::HasSubstr("more than 10 days ago"));
  EXPECT_THAT(shortfallOf(policy, sample(), issued - 86400), testing::HasSubstr("still to come"));
}

TEST(Policy, AsksForKeys) {
  CertificatePolicy policy{.name = "'test'"};
  policy.keys = {tests::sampleKey(8).publicKey().id()};
  auto accepted = satisfies(sample(), policy, kKnown, 0);
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().reason, Reason::UntrustedKey);
  policy.keys->push_back(sample().key_id);
  EXPECT_TRUE(satisfies(sample(), policy, kKnown, 0));
}

TEST(Policy, Patterns) {
  for (auto [pattern, text] : {std::pair("*", "x"), {"*", ""}, {"race.*", "race.shared"}, {"a*b*c", "aXbXbYc"}, {"x", "x"}})
    EXPECT_TRUE(matchesPattern(pattern, text)) << pattern << " " << text;
  for (auto [pattern, text] : {std::pair("", "x"), {"race.*", "trace.x"}, {"a*b", "abc"}, {"x", "xx"}})
    EXPECT_FALSE(matchesPattern(pattern, text)) << pattern << " " << text;
}

TEST(Policy, PresetsAreOrderedByHowMuchTheyAsk) {
  EXPECT_FALSE(presetPolicy("lax"));
  auto smoke = presetPolicy("smoke"), standard = presetPolicy("standard"), strict = presetPolicy("strict");
  ASSERT_TRUE(smoke && standard && strict);
  EXPECT_EQ(shortfallOf(*smoke), "");
  EXPECT_NE(shortfallOf(*standard), "") << "no test and no proof of index.overflow";
  EXPECT_NE(shortfallOf(*strict), "");
}

constexpr const char* kWhole = R"json({
  "policy": 1,
  "preset": "standard",
  "require": "proof",
  "checks": [ { "match": "race.*", "need": "unbounded-proof" }, { "match": "numerics.bound", "need": "tests", "min_cases": 30 } ],
  "min_cases": 12,
  "kill_score": 0.8,
  "oracle_score": 0.95,
  "tool": { "at_least": "0.1", "below": "2" },
  "targets": ["sm_80"],
  "backends": ["simt"],
  "suppressions": ["coding.*"],
  "allow_warnings": false,
  "contract_required": true,
  "keys": ["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
  "key_files": ["team.pub", "keys/other.pub"],
  "max_age_days": 90
})json";

TEST(PolicyFile, IsReadWhole) {
  auto policy = policyFromJson(kWhole, "rules/p.json");
  ASSERT_TRUE(policy) << policy.error().message << " " << policy.error().place;
  EXPECT_EQ(policy->require, Require::Proof);
  EXPECT_EQ(policy->checks.back().min_cases, 30u);
  EXPECT_EQ(policy->checks[policy->checks.size() - 2].need, Need::UnboundedProof);
  EXPECT_GT(policy->checks.size(), 2u) << "the preset's rules come first";
  EXPECT_EQ(policy->min_cases, 12u);
  EXPECT_EQ(policy->kill_score, 0.8);
  EXPECT_EQ(policy->tool_below, (Version{2, 0, 0}));
  EXPECT_EQ(policy->suppressions->size(), 1u);
  EXPECT_FALSE(policy->allow_warnings);
  EXPECT_EQ(policy->max_age_seconds, 90 * 86400);
  EXPECT_THAT(policy->key_files, testing::ElementsAre("rules/team.pub", "rules/keys/other.pub"));
}

TEST(PolicyFile, FitsItsSchema) {
  std::ifstream in(std::string(SCHEMA_DIR) + "/certificate-policy.schema.json");
  Json schema = Json::parse(in);
  EXPECT_THAT(tests::violations(schema, Json::parse(kWhole)), testing::IsEmpty());
  EXPECT_THAT(tests::violations(schema, Json::parse(R"({"policy": 1})")), testing::IsEmpty());
  Json wrong = Json::parse(kWhole);
  wrong["kill_scores"] = 1;
  EXPECT_FALSE(tests::violations(schema, wrong).empty());
}

TEST(PolicyFile, SaysWhatIsWrong) {
  auto messageOf = [](const char* text) {
    auto policy = policyFromJson(text, "p.json");
    EXPECT_FALSE(policy) << text << " was taken";
    return policy ? std::string() : fmt::format("{} [{}] {}", policy.error().message, policy.error().place, policy.error().hint);
  };
  using testing::HasSubstr;
  EXPECT_THAT(messageOf("{"), HasSubstr("byte"));
  EXPECT_THAT(messageOf("[]"), HasSubstr("should be an object"));
  EXPECT_THAT(messageOf("{}"), HasSubstr("the version of the format"));
  EXPECT_THAT(messageOf(R"({"policy": 2})"), HasSubstr("the version of the format"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "kil_score": 1})"), HasSubstr("kill_score"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "kill_score": 80})"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "preset": "strictly"})"), HasSubstr("strict"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "checks": [{"match": "race.*", "need": "prof"}]})"), HasSubstr("proof"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "checks": [{"match": "race.*"}]})"), HasSubstr("/checks/0/need"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "checks": [{"need": "proof"}]})"), HasSubstr("/checks/0/match"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "keys": ["x"]})"), HasSubstr("no key's id"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "max_age_days": -1})"), HasSubstr("number of days"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "tool": {"at_least": "new"}})"), HasSubstr("version such as"));
  EXPECT_THAT(messageOf(R"({"policy": 1, "policy": 1})"), HasSubstr("twice"));
}

TEST(PolicyFile, APresetIsMeantByItsName) {
  EXPECT_TRUE(loadPolicy("strict"));
  auto typo = loadPolicy("stict");
  ASSERT_FALSE(typo);
  EXPECT_THAT(typo.error().hint, testing::HasSubstr("strict"));
  EXPECT_FALSE(loadPolicy("there/is/none.json"));
}

} // namespace
} // namespace kverify::attest
