// The predicate: everything comes back, it fits its schema, and what contradicts itself is refused.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest/canonical_json.h"
#include "attest/predicate.h"
#include "attest/test_result.h"
#include "tests/support/json_schema.h"
#include "tests/unit/attest/sample.h"

namespace kverify::attest {
namespace {

using tests::sampleCertificate;

Json schemaOf(const std::string& name) {
  std::ifstream in(std::string(SCHEMA_DIR) + "/" + name);
  EXPECT_TRUE(in) << name << " is missing";
  return Json::parse(in);
}

/// The reason for which the sample's predicate is refused after `change`.
template <class Change>
Refusal refusalAfter(Change change) {
  Json predicate = predicateOf(sampleCertificate());
  change(predicate);
  auto read = certificateFrom(predicate, sampleCertificate().source);
  EXPECT_FALSE(read) << "this was taken";
  return read ? Refusal{} : read.error();
}

TEST(Predicate, EverythingComesBack) {
  for (const Certificate& c : {sampleCertificate(), tests::sampleLaunchCertificate()}) {
    Json predicate = predicateOf(c);
    auto read = certificateFrom(predicate, c.source);
    ASSERT_TRUE(read) << read.error().message << " " << read.error().place;
    EXPECT_EQ(predicateOf(*read), predicate);
  }
}

TEST(Predicate, FitsItsSchema) {
  Json schema = schemaOf("certificate.schema.json");
  EXPECT_THAT(tests::violations(schema, predicateOf(sampleCertificate())), testing::IsEmpty());
  EXPECT_THAT(tests::violations(schema, predicateOf(tests::sampleLaunchCertificate())), testing::IsEmpty());
}

TEST(Predicate, TheSchemaRefusesWhatTheReaderRefuses) {
  Json schema = schemaOf("certificate.schema.json");
  Json whole = predicateOf(sampleCertificate());
  for (const auto& [name, value] : whole.items()) {
    Json without = whole;
    without.erase(name);
    EXPECT_FALSE(tests::violations(schema, without).empty()) << "the schema does without " << name;
    EXPECT_FALSE(certificateFrom(without, sampleCertificate().source)) << "the reader does without " << name;
  }
  whole["extra"] = 1;
  EXPECT_FALSE(tests::violations(schema, whole).empty());
}

TEST(Predicate, IsTheSameBytesEveryTime) {
  EXPECT_EQ(canonical(predicateOf(sampleCertificate())).value(), canonical(predicateOf(sampleCertificate())).value());
}

TEST(Predicate, HasNoTime) {
  Certificate slow = sampleCertificate();
  for (Obligation& one : slow.obligations)
    one.judged.seconds = 12.5;
  EXPECT_EQ(predicateOf(slow), predicateOf(sampleCertificate()));
}

TEST(Predicate, TextThatIsNoUtf8IsMended) {
  Certificate c = sampleCertificate();
  c.notes = {"a\xFF" "b"};
  EXPECT_TRUE(canonical(predicateOf(c)));
}

TEST(Predicate, AFieldThatIsNotKnownIsRefused) {
  EXPECT_EQ(refusalAfter([](Json& p) { p["revoked"] = true; }).reason, Reason::UnknownField);
  EXPECT_EQ(refusalAfter([](Json& p) { p["obligations"][0]["waived"] = true; }).reason, Reason::UnknownField);
}

TEST(Predicate, AnotherTypeIsRefused) {
  for (const char* name : {"verdict", "obligations", "tool", "settings", "steps", "environment", "staticChecks"})
    EXPECT_EQ(refusalAfter([&](Json& p) { p[name] = -1.5; }).reason, Reason::MalformedPredicate) << name;
}

TEST(Predicate, TheVerdictIsTheOneOfItsObligations) {
  Refusal refusal = refusalAfter([](Json& p) {
    p["obligations"][2] = {{"check", "bounds.global-read"}, {"code", nullptr}, {"stage", "fuzz"}, {"outcome", "refuted"},
                           {"reason", "out of bounds"}, {"replay", nullptr}};
  });
  EXPECT_EQ(refusal.reason, Reason::Inconsistent);
  EXPECT_THAT(refusal.message, testing::HasSubstr("its obligations come to refuted"));
  EXPECT_EQ(refusalAfter([](Json& p) { p["obligations"] = Json::array(); }).reason, Reason::Inconsistent);
  EXPECT_EQ(refusalAfter([](Json& p) { p["verdict"] = "refuted"; }).reason, Reason::Inconsistent);
}

TEST(Predicate, TestsOfNoCaseCertifyNothing) {
  Refusal refusal = refusalAfter([](Json& p) {
    for (Json& one : p["obligations"])
      if (one["outcome"] == "tested")
        one["cases"] = 0u;
  });
  EXPECT_EQ(refusal.reason, Reason::Inconsistent);
}

TEST(Predicate, AQueryHashIsTheOneOfItsQueries) {
  Refusal refusal = refusalAfter([](Json& p) { p["obligations"][0]["queries"].erase(0); });
  EXPECT_EQ(refusal.reason, Reason::Inconsistent);
  EXPECT_EQ(refusal.place, "/predicate/obligations/0/queryHash");
}

TEST(Predicate, QueriesAreSortedAndEachOnce) {
  EXPECT_EQ(refusalAfter([](Json& p) { p["obligations"][0]["queries"].push_back(p["obligations"][0]["queries"][0]); }).reason,
            Reason::MalformedPredicate);
}

TEST(Predicate, ABoundedProofIsSaidToBeOne) {
  EXPECT_EQ(refusalAfter([](Json& p) { p["obligations"][1]["bounded"] = false; }).reason, Reason::MalformedPredicate);
}

TEST(Predicate, AStageJudgesACheckOnce) {
  EXPECT_EQ(refusalAfter([](Json& p) { p["obligations"].push_back(p["obligations"][0]); }).reason, Reason::Inconsistent);
}

TEST(Predicate, AScoreIsTheOneOfItsCounts) {
  EXPECT_EQ(refusalAfter([](Json& p) { p["mutation"]["score"] = 1; }).reason, Reason::Inconsistent);
}

TEST(Predicate, ThereIsEitherAContractOrALaunch) {
  EXPECT_EQ(refusalAfter([](Json& p) { p["contract"] = nullptr; }).reason, Reason::Inconsistent);
}

TEST(TestResult, IsDerivedFromTheAudit) {
  Json result = testResultOf(sampleCertificate(), std::string(64, 'a'));
  EXPECT_EQ(result["result"], "WARNED") << "one question has no answer, and a finding stands";
  EXPECT_THAT(result["passedTests"].dump(), testing::HasSubstr("formal/race.shared-read-write"));
  EXPECT_THAT(result["warnedTests"].dump(), testing::HasSubstr("formal/index.overflow"));
  EXPECT_TRUE(result["failedTests"].empty());
  EXPECT_EQ(result["configuration"][0]["digest"]["sha256"], std::string(64, 'a'));
  Certificate clean = sampleCertificate();
  clean.obligations.pop_back();
  clean.findings.clear();
  EXPECT_EQ(testResultOf(clean, "")["result"], "PASSED");
  clean.verdict = Verdict::Inconclusive;
  EXPECT_EQ(testResultOf(clean, "")["result"], "FAILED");
}

TEST(Timing, ComesBack) {
  Json timing = timingOf(tests::sampleTiming(), std::string(64, 'b'));
  auto read = timingFrom(timing);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->timing.issued, tests::sampleTiming().issued);
  EXPECT_EQ(timingOf(read->timing, read->payload_sha256), timing);
  for (const char* wrong : {"2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-10-09 08:30:00", "now", ""}) {
    timing["issuedOn"] = wrong;
    EXPECT_FALSE(timingFrom(timing)) << wrong;
  }
}

} // namespace
} // namespace kverify::attest
