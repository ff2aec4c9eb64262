// kverify.json: what it says of which path, and what is wrong with one.
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gate/glob.h"
#include "gate/policy.h"
#include "tests/support/json_schema.h"
#include "tests/support/run_program.h"

namespace kverify::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const KnownChecks kChecks{{"race.shared-write-write", "race.async-copy", "bounds.global-read", "numerics.bound", "readable.names"},
                          {"race.shared-write-write", "bounds.global-read"}};

Policy good(const std::string& text) {
  auto policy = parsePolicy("kverify.json", text, kChecks);
  EXPECT_TRUE(policy) << (policy ? "" : policy.error().message + " at " + policy.error().place);
  auto schema = nlohmann::json::parse(std::ifstream(SCHEMA_DIR "/policy.schema.json"));
  EXPECT_THAT(tests::violations(schema, nlohmann::json::parse(text)), testing::IsEmpty()) << "the schema refuses what the program reads";
  return policy.value_or(Policy{});
}

ToolError bad(const std::string& text) {
  auto policy = parsePolicy("kverify.json", text, kChecks);
  EXPECT_FALSE(policy) << "this was accepted: " << text;
  return policy ? ToolError{} : policy.error();
}

TEST(Glob, ReadsPathsAsGitignoreDoes) {
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"kernels/**", "kernels/a/b.cu", true},   {"kernels/**", "kernels", false},       {"kernels/", "kernels/a.cu", true},
      {"kernels/*", "kernels/a.cu", true},      {"kernels/*", "kernels/a/b.cu", false}, {"*.cu", "deep/down/k.cu", true},
      {"kernel.cu", "a/kernel.cu", true},       {"**/kernel.cu", "kernel.cu", true},    {"a/**/z.cu", "a/z.cu", true},
      {"a/**/z.cu", "a/b/c/z.cu", true},        {"a/**/z.cu", "b/z.cu", false},         {"**", "anything/at/all.cu", true},
      {"k?.cu", "x/k1.cu", true},               {"k?.cu", "x/k12.cu", false},           {"a/*b*/c.cu", "a/xbby/c.cu", true},
      {"./kernels/*.cu", "kernels/a.cu", true}, {"kernels", "kernels/a.cu", false}};
  for (const auto& [pattern, path, matches] : cases)
    EXPECT_EQ(matchesPath(pattern, path), matches) << pattern << " against " << path;
}

TEST(Glob, AStarInACheckCrossesDots) {
  EXPECT_TRUE(matchesCheck("race.*", "race.shared-write-write"));
  EXPECT_TRUE(matchesCheck("*", "race.shared-write-write"));
  EXPECT_TRUE(matchesCheck("*-write", "race.shared-write-write"));
  EXPECT_FALSE(matchesCheck("race", "race.shared-write-write"));
}

TEST(Policy, LaterRulesOverrideKeyByKey) {
  Policy policy = good(R"({
    "kverify": 1, "preset": "standard", "require": "proof",
    "checks": { "race.*": { "require": "unbounded-proof" } },
    "rules": [
      { "paths": ["experimental/**"], "preset": "smoke", "checks": { "race.*": { "require": "tests" } } },
      { "paths": ["experimental/hot/**"], "fail_on": "warning" }
    ]
  })");
  Demands everywhere = policy.demandsFor("kernels/a.cu");
  EXPECT_EQ(everywhere.requireOf("bounds.global-read"), Require::Proof);
  EXPECT_EQ(everywhere.requireOf("race.async-copy"), Require::UnboundedProof);
  EXPECT_EQ(everywhere.strongestRequire(), Require::UnboundedProof);
  Demands hot = policy.demandsFor("experimental/hot/a.cu");
  EXPECT_THAT(hot.stages, ElementsAre("static", "fuzz"));
  EXPECT_EQ(hot.requireOf("race.async-copy"), Require::Tests);
  EXPECT_EQ(hot.fail_on, Severity::Warning);
  EXPECT_EQ(policy.demandsFor("experimental/a.cu").fail_on, Severity::Error);
}

TEST(Policy, TheCommandLineIsOverTheFile) {
  Policy policy = good(R"({ "kverify": 1, "require": "proof", "stages": ["fuzz", "formal"], "gpu": "required",
                            "checks": { "race.*": { "require": "unbounded-proof", "severity": "warning" } } })");
  policy.forced_preset = "smoke";
  policy.forced_gpu = Gpu::Never;
  Demands demands = policy.demandsFor("a.cu");
  EXPECT_THAT(demands.stages, ElementsAre("static", "fuzz"));
  EXPECT_EQ(demands.strongestRequire(), Require::Tests);
  EXPECT_EQ(demands.severityOf("race.async-copy", Severity::Error), Severity::Warning) << "severities stay";
  EXPECT_EQ(demands.gpu, Gpu::Never);
  EXPECT_EQ(contradictionIn(demands), "");
}

TEST(Policy, EveryPresetMakesSenseAlone) {
  for (const std::string& name : presetNames()) {
    Demands demands;
    presetOf(name)->applyTo(demands);
    EXPECT_EQ(contradictionIn(demands), "") << name;
  }
  EXPECT_FALSE(presetOf("stricter"));
}

TEST(Policy, AsksForACertificateOfSomePaths) {
  Policy policy = good(R"({ "kverify": 1, "certificate": { "keys": ["keys/a.pub", "keys/b.pub"] }, "rules": [
    { "paths": ["released/**"], "certificate": { "keys": ["keys/a.pub"], "policy": "strict", "folder": "signed", "spares_audit": true } },
    { "paths": ["drafts/**"], "preset": "smoke" }, { "paths": ["fast/**"], "preset": "strict" } ] })");
  CertificateDemand usual = policy.demandsFor("k.cu").certificate;
  EXPECT_THAT(usual.keys, ElementsAre("keys/a.pub", "keys/b.pub"));
  EXPECT_EQ(usual.policy, "standard");
  EXPECT_FALSE(usual.spares_audit);
  CertificateDemand released = policy.demandsFor("released/k.cu").certificate;
  EXPECT_THAT(released.keys, ElementsAre("keys/a.pub"));
  EXPECT_TRUE(released.policy == "strict" && released.folder == "signed" && released.spares_audit);
  EXPECT_FALSE(policy.demandsFor("drafts/k.cu").certificate.asked());
  EXPECT_TRUE(policy.demandsFor("fast/k.cu").certificate.asked()) << "only smoke takes it away";
  policy.forced_preset = "standard";
  EXPECT_TRUE(policy.demandsFor("k.cu").certificate.asked());
  policy.forced_preset = "smoke";
  EXPECT_FALSE(policy.demandsFor("k.cu").certificate.asked());
  EXPECT_THAT(bad(R"({ "kverify": 1, "certificate": { "keys": [] } })").place, HasSubstr("/certificate/keys"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "certificate": { "keys": ["/etc/k.pub"] } })").message, HasSubstr("'/etc/k.pub'"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "certificate": { "policy": "strict" } })").message, HasSubstr("keys"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "certificate": { "keys": ["k.pub"], "spare_audit": true } })").hint, HasSubstr("spares_audit"));
}

TEST(Policy, AnExemptionHasItsReason) {
  Policy policy = good(R"({ "kverify": 1, "ignore": [ { "paths": ["third_party/"], "reason": "not ours" } ] })");
  ASSERT_NE(policy.exemptionOf("third_party/x/k.cu"), nullptr);
  EXPECT_EQ(policy.exemptionOf("third_party/x/k.cu")->reason, "not ours");
  EXPECT_EQ(policy.exemptionOf("kernels/k.cu"), nullptr);
  EXPECT_THAT(bad(R"({ "kverify": 1, "ignore": [ { "paths": ["a/"], "reason": "" } ] })").message, HasSubstr("needs a reason"));
}

TEST(Policy, NamesTheMistakeItsPlaceAndTheNearestValidThing) {
  ToolError key = bad("{\n  \"kverify\": 1,\n  \"presett\": \"strict\"\n}");
  EXPECT_EQ(key.message, "unknown key 'presett'");
  EXPECT_THAT(key.place, HasSubstr("kverify.json:3"));
  EXPECT_THAT(key.hint, HasSubstr("'preset'"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "rules": [ { "paths": ["a/"], "requir": "proof" } ] })").hint, HasSubstr("'require'"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "preset": "strickt" })").hint, HasSubstr("'strict'"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "stages": ["fuz"] })").hint, HasSubstr("'fuzz'"));
  ToolError check = bad(R"({ "kverify": 1, "checks": { "race.shared-write-writ": { "severity": "error" } } })");
  EXPECT_THAT(check.message, HasSubstr("there is no check 'race.shared-write-writ'"));
  EXPECT_THAT(check.hint, HasSubstr("race.shared-write-write"));
}

TEST(Policy, RefusesWhatWouldSilentlyAskForNothing) {
  EXPECT_THAT(bad("{}").message, HasSubstr("'kverify' is missing"));
  EXPECT_THAT(bad(R"({ "kverify": 2 })").message, HasSubstr("version 1"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "stages": [] })").message, HasSubstr("at least 1"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "checks": { "numerics.*": { "require": "proof" } } })").message, HasSubstr("cannot be proved"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "stages": ["fuzz"], "require": "proof" })").message, HasSubstr("the stage that proves (formal)"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "rules": [ { "paths": ["a/"], "stages": ["bench"] } ] })").message, HasSubstr("need a GPU"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "gpu": "required", "kernel_gap": { "floor": 1 } })").message, HasSubstr("needs a baseline"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "suppressions": ["raze.*"] })").message, HasSubstr("there is no check"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "kill_score": { "floor": 90 } })").message, HasSubstr("not from 0 to 1"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "budgets": { "proof": "soon" } })").message, HasSubstr("not a length of time"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "rules": [ { "paths": ["../other/**"] } ] })").message, HasSubstr("not a path below"));
  EXPECT_THAT(bad(R"({ "kverify": 1, "kverify": 1 })").message, HasSubstr("twice"));
}

TEST(Policy, IsFoundUpward) {
  tests::ScratchFolder folder;
  folder.write("kverify.json", R"({ "kverify": 1, "preset": "strict" })");
  folder.write("a/b/x.cu", "");
  auto policy = loadPolicy("", folder.path() + "/a/b", kChecks);
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->preset, "strict");
  EXPECT_EQ(policy->folder, folder.path());
  EXPECT_EQ(policy->path, "../../kverify.json");
  auto missing = loadPolicy(folder.path() + "/none.json", folder.path(), kChecks);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("there is no policy"));
}

} // namespace
} // namespace kverify::gate
