// Everything that somebody may do to a certificate, with and without the key, and the reason for which it is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest/base64.h"
#include "attest/canonical_json.h"
#include "attest/dsse.h"
#include "attest/policy.h"
#include "attest/predicate.h"
#include "attest/statement.h"
#include "attest/test_result.h"
#include "core/hash.h"
#include "tests/unit/attest/sample.h"

namespace kverify::attest {
namespace {

using tests::openSample;
using tests::sampleCertificate;
using tests::sampleFile;
using tests::signedLine;

std::vector<std::string> linesOf(const std::string& file) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < file.size();) {
    std::size_t end = file.find('\n', at);
    lines.push_back(file.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string file;
  for (const std::string& line : lines)
    file += line + "\n";
  return file;
}

Refusal refusalOf(const std::string& file) {
  auto opened = openSample(file);
  EXPECT_FALSE(opened) << "this was accepted";
  return opened ? Refusal{} : opened.error();
}

/// The envelope of the first line with one of its members changed, written as kverify writes it.
template <class Change>
std::string withEnvelope(Change change) {
  auto lines = linesOf(sampleFile());
  Json envelope = Json::parse(lines[0]);
  change(envelope);
  lines[0] = canonical(envelope).value();
  return joined(lines);
}

/// The file with another first payload, signed by the sample's key: what a signer may do.
std::string withPayload(const std::string& payload, char which = 7) {
  auto lines = linesOf(sampleFile());
  lines[0] = signedLine(payload, which);
  return joined(lines);
}

std::string auditPayload() {
  return *fromBase64(Json::parse(linesOf(sampleFile())[0])["payload"].get<std::string>());
}

/// All three statements about a certificate, as a signer who has the key but not writeCertificate()'s scruples makes them.
std::string fileAbout(const Certificate& c) {
  std::string audit = statementText({c.source, std::string(kAuditPredicate), predicateOf(c)}).value();
  std::string hash = sha256Hex(audit);
  return signedLine(audit) + "\n" +
         signedLine(statementText({c.source, std::string(kTestResultPredicate), testResultOf(c, hash)}).value()) + "\n" +
         signedLine(statementText({c.source, std::string(kTimingPredicate), timingOf(tests::sampleTiming(), hash)}).value()) +
         "\n";
}

TEST(Certificate, OfAnUntouchedFileIsAccepted) {
  auto opened = openSample(sampleFile());
  ASSERT_TRUE(opened) << opened.error().message << " " << opened.error().place;
  EXPECT_EQ(opened->certificate.source, sampleCertificate().source);
  EXPECT_EQ(opened->certificate.verdict, Verdict::Certified);
  EXPECT_EQ(opened->timing.issued, tests::sampleTiming().issued);
  EXPECT_EQ(opened->key_id, tests::sampleKey().publicKey().id());
  EXPECT_EQ(fileAbout(sampleCertificate()), sampleFile()) << "the attacks below are not about what kverify writes";
}

TEST(Certificate, TheFirstTwoLinesAreTheSameBytesEveryTime) {
  AuditTiming later = tests::sampleTiming();
  later.issued += 5000;
  auto a = linesOf(sampleFile());
  auto b = linesOf(writeCertificate(sampleCertificate(), later, tests::sampleKey()).value());
  EXPECT_EQ(a[0], b[0]);
  EXPECT_EQ(a[1], b[1]);
  EXPECT_NE(a[2], b[2]);
}

TEST(Certificate, IsOnlyWrittenForAPositiveVerdict) {
  for (Verdict verdict : {Verdict::Refuted, Verdict::Inconclusive}) {
    Certificate c = sampleCertificate();
    c.verdict = verdict;
    auto written = writeCertificate(c, tests::sampleTiming(), tests::sampleKey());
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, testing::HasSubstr("only a certified kernel"));
  }
}

TEST(Certificate, IsNotWrittenWhereItContradictsItself) {
  Certificate c = sampleCertificate();
  c.obligations[0].queries.pop_back();
  EXPECT_FALSE(writeCertificate(c, tests::sampleTiming(), tests::sampleKey()));
}

// Without the key.

TEST(Attack, AnyByteThatIsChanged) {
  std::string file = sampleFile();
  std::size_t taken = 0;
  for (std::size_t at = 0; at < file.size(); at += 97) {
    for (char flip : {char(1), char(0x20), char(0x80)}) {
      std::string other = file;
      other[at] = static_cast<char>(other[at] ^ flip);
      if (openSample(other)) {
        ++taken;
        ADD_FAILURE() << "byte " << at << " may be changed by " << int(flip);
      }
    }
    ASSERT_LT(taken, 5u);
  }
}

TEST(Attack, AnyByteThatIsMissing) {
  std::string file = sampleFile();
  for (std::size_t at = 0; at < file.size(); at += 211)
    EXPECT_FALSE(openSample(file.substr(0, at) + file.substr(at + 1))) << "byte " << at;
}

TEST(Attack, APayloadThatIsChanged) {
  Refusal refusal = refusalOf(withEnvelope([](Json& envelope) {
    std::string payload = *fromBase64(envelope["payload"].get<std::string>());
    std::size_t at = payload.find("\"cases\":40");
    payload.replace(at, 10, "\"cases\":90");
    envelope["payload"] = toBase64(payload);
  }));
  EXPECT_EQ(refusal.reason, Reason::BadSignature);
  EXPECT_THAT(refusal.place, testing::StartsWith("line 1"));
}

TEST(Attack, ASignatureOfAnotherLine) {
  auto lines = linesOf(sampleFile());
  Json first = Json::parse(lines[0]), second = Json::parse(lines[1]);
  first["signatures"] = second["signatures"];
  lines[0] = canonical(first).value();
  EXPECT_EQ(refusalOf(joined(lines)).reason, Reason::BadSignature);
}

TEST(Attack, NoSignature) {
  EXPECT_EQ(refusalOf(withEnvelope([](Json& e) { e["signatures"] = Json::array(); })).reason, Reason::SignatureCount);
  EXPECT_EQ(refusalOf(withEnvelope([](Json& e) { e["signatures"][0]["sig"] = ""; })).reason, Reason::BadSignature);
  EXPECT_EQ(refusalOf(withEnvelope([](Json& e) { e["signatures"][0].erase("sig"); })).reason, Reason::MalformedEnvelope);
  EXPECT_EQ(refusalOf(withEnvelope([](Json& e) { e.erase("signatures"); })).reason, Reason::MalformedEnvelope);
}

TEST(Attack, ASecondSignature) {
  EXPECT_EQ(refusalOf(withEnvelope([](Json& e) { e["signatures"].push_back(e["signatures"][0]); })).reason,
            Reason::SignatureCount);
}

TEST(Attack, AnotherKey) {
  EXPECT_EQ(refusalOf(withPayload(auditPayload(), 8)).reason, Reason::UntrustedKey);
  attest::PublicKey other = tests::sampleKey(8).publicKey();
  auto opened = openCertificate(sampleFile(), std::span(&other, 1));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::UntrustedKey);
  EXPECT_FALSE(openCertificate(sampleFile(), {})) << "no key is trusted, and it was accepted";
}

TEST(Attack, AnotherKeyUnderTheNameOfATrustedOne) {
  auto lines = linesOf(withPayload(auditPayload(), 8));
  Json envelope = Json::parse(lines[0]);
  envelope["signatures"][0]["keyid"] = tests::sampleKey().publicKey().id();
  lines[0] = canonical(envelope).value();
  EXPECT_EQ(refusalOf(joined(lines)).reason, Reason::BadSignature);
}

TEST(Attack, AnotherPayloadType) {
  EXPECT_EQ(refusalOf(withEnvelope([](Json& e) { e["payloadType"] = "application/json"; })).reason, Reason::PayloadType);
}

TEST(Attack, AFileThatEndsEarly) {
  std::string file = sampleFile();
  auto lines = linesOf(file);
  EXPECT_EQ(refusalOf("").reason, Reason::Truncated);
  EXPECT_EQ(refusalOf(file.substr(0, file.size() / 3)).reason, Reason::Truncated);
  EXPECT_EQ(refusalOf(file.substr(0, file.size() - 1)).reason, Reason::Truncated);
  EXPECT_EQ(refusalOf(lines[0] + "\n").reason, Reason::Truncated);
  EXPECT_EQ(refusalOf(lines[0] + "\n" + lines[1] + "\n").reason, Reason::Truncated);
}

TEST(Attack, LinesThatAreExchangedRepeatedOrAdded) {
  auto lines = linesOf(sampleFile());
  EXPECT_EQ(refusalOf(joined({lines[1], lines[0], lines[2]})).reason, Reason::StatementSet);
  EXPECT_EQ(refusalOf(joined({lines[0], lines[0], lines[2]})).reason, Reason::StatementSet);
  EXPECT_EQ(refusalOf(joined({lines[0], lines[1], lines[2], lines[2]})).reason, Reason::StatementSet);
}

TEST(Attack, LinesOfTwoCertificatesMixed) {
  Certificate other = sampleCertificate();
  other.settings.cases = 41;
  auto lines = linesOf(sampleFile()), others = linesOf(fileAbout(other));
  EXPECT_EQ(refusalOf(joined({lines[0], others[1], lines[2]})).reason, Reason::StatementSet);
  EXPECT_EQ(refusalOf(joined({lines[0], lines[1], others[2]})).reason, Reason::StatementSet);
  other.source.sha256 = sha256Hex("another kernel");
  others = linesOf(fileAbout(other));
  EXPECT_EQ(refusalOf(joined({lines[0], others[1], lines[2]})).reason, Reason::SubjectsDiffer);
}

TEST(Attack, LinesOfTwoKeysMixed) {
  auto lines = linesOf(sampleFile());
  lines[2] = linesOf(writeCertificate(sampleCertificate(), tests::sampleTiming(), tests::sampleKey(8)).value())[2];
  std::vector<PublicKey> both = {tests::sampleKey(7).publicKey(), tests::sampleKey(8).publicKey()};
  auto opened = openCertificate(joined(lines), both);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, Reason::StatementSet);
}

TEST(Attack, KeysGivenTwiceInAnEnvelope) {
  auto lines = linesOf(sampleFile());
  std::string evil = lines[0];
  evil.insert(1, R"("payload":"e30=",)");
  EXPECT_EQ(refusalOf(joined({evil, lines[1], lines[2]})).reason, Reason::DuplicateKey);
}

TEST(Attack, MembersAddedToAnEnvelope) {
  EXPECT_EQ(refusalOf(withEnvelope([](Json& e) { e["payload2"] = "x"; })).reason, Reason::MalformedEnvelope);
  EXPECT_EQ(refusalOf(withEnvelope([](Json& e) { e["signatures"][0]["cert"] = "x"; })).reason, Reason::MalformedEnvelope);
}

TEST(Attack, BlanksAddedToAnEnvelope) {
  auto lines = linesOf(sampleFile());
  EXPECT_EQ(refusalOf(joined({lines[0] + " ", lines[1], lines[2]})).reason, Reason::MalformedEnvelope);
  EXPECT_EQ(refusalOf(joined({lines[0] + "\r", lines[1], lines[2]})).reason, Reason::MalformedEnvelope);
}

TEST(Attack, AHugeFile) {
  EXPECT_EQ(refusalOf(std::string(kLargestFile + 1, 'x')).reason, Reason::TooLarge);
  EXPECT_EQ(refusalOf(std::string(kLargestLine + 1, 'x') + "\n").reason, Reason::TooLarge);
}

TEST(Attack, ADeepFile) {
  EXPECT_EQ(refusalOf(std::string(1 << 20, '[') + "\n").reason, Reason::MalformedEnvelope);
}

TEST(Attack, BytesThatAreNoText) {
  EXPECT_EQ(refusalOf(std::string("\0\0\n", 3)).reason, Reason::NotText);
  EXPECT_EQ(refusalOf("\xFF\xFE{}\n").reason, Reason::NotText);
  EXPECT_EQ(refusalOf("\xEF\xBB\xBF{}\n").reason, Reason::NotText);
}

// With the key: what a careless or a dishonest signer may have signed.

TEST(SignedAttack, KeysGivenTwice) {
  std::string payload = auditPayload();
  payload.insert(payload.size() - 1, R"(,"predicateType":"x")");
  EXPECT_EQ(refusalOf(withPayload(payload)).reason, Reason::DuplicateKey);
  payload = auditPayload();
  std::size_t at = payload.find("\"verdict\":");
  payload.insert(at, "\"verdict\":\"refuted\",");
  EXPECT_EQ(refusalOf(withPayload(payload)).reason, Reason::DuplicateKey);
}

TEST(SignedAttack, AnotherSpellingOfTheSameJson) {
  std::string payload = auditPayload();
  EXPECT_EQ(refusalOf(withPayload(payload + " ")).reason, Reason::MalformedPayload);
  EXPECT_EQ(refusalOf(withPayload(Json::parse(payload).dump(1))).reason, Reason::MalformedPayload);
  EXPECT_EQ(refusalOf(withPayload("\"text\"")).reason, Reason::MalformedPayload);
  EXPECT_EQ(refusalOf(withPayload("")).reason, Reason::MalformedPayload);
}

TEST(SignedAttack, ADeepOrAHugePayload) {
  EXPECT_EQ(refusalOf(withPayload(std::string(100000, '['))).reason, Reason::TooDeep);
  std::string many = "[0";
  for (int i = 0; i < 500'000; ++i)
    many += ",0";
  EXPECT_EQ(refusalOf(withPayload(many + "]")).reason, Reason::TooLarge);
  EXPECT_EQ(refusalOf(withPayload("[18446744073709551616]")).reason, Reason::BadNumber);
}

TEST(SignedAttack, AnotherVersionOfThePredicate) {
  Json predicate = predicateOf(sampleCertificate());
  for (const char* type : {"urn:kverify:kernel-audit:v0", "urn:kverify:kernel-audit:v2", "urn:kverify:kernel-audit",
                           "https://slsa.dev/provenance/v1"}) {
    Refusal refusal = refusalOf(withPayload(canonical(tests::statementWith(predicate, type)).value()));
    EXPECT_EQ(refusal.reason, Reason::PredicateType) << type;
  }
}

TEST(SignedAttack, AnotherVersionOfTheStatement) {
  Json statement = tests::statementWith(predicateOf(sampleCertificate()), std::string(kAuditPredicate));
  statement["_type"] = "https://in-toto.io/Statement/v0.1";
  EXPECT_EQ(refusalOf(withPayload(canonical(statement).value())).reason, Reason::StatementType);
}

TEST(SignedAttack, ATestResultAlone) {
  auto lines = linesOf(sampleFile());
  EXPECT_EQ(refusalOf(joined({lines[1], lines[1], lines[2]})).reason, Reason::StatementSet);
}

TEST(SignedAttack, ATestResultThatSaysMore) {
  Certificate c = sampleCertificate();
  auto lines = linesOf(sampleFile());
  Json result = testResultOf(c, sha256Hex(auditPayload()));
  result["result"] = "PASSED";
  lines[1] = signedLine(canonical(tests::statementWith(result, std::string(kTestResultPredicate))).value());
  EXPECT_EQ(refusalOf(joined(lines)).reason, Reason::StatementSet);
}

TEST(SignedAttack, NoSubjectOrSeveral) {
  Json base = tests::statementWith(predicateOf(sampleCertificate()), std::string(kAuditPredicate));
  auto refused = [&](Json subject) {
    Json statement = base;
    statement["subject"] = std::move(subject);
    return refusalOf(withPayload(canonical(statement).value())).reason;
  };
  Json one = base["subject"][0];
  EXPECT_EQ(refused(Json::array()), Reason::SubjectForm);
  EXPECT_EQ(refused(Json::array({one, one})), Reason::SubjectForm);
  EXPECT_EQ(refused("flash.cu"), Reason::SubjectForm);
  Json weak = one;
  weak["digest"] = {{"sha1", std::string(40, 'a')}};
  EXPECT_EQ(refused(Json::array({weak})), Reason::SubjectForm);
  weak["digest"] = {{"sha1", std::string(40, 'a')}, {"sha256", std::string(64, 'a')}};
  EXPECT_EQ(refused(Json::array({weak})), Reason::SubjectForm);
  weak["digest"] = {{"sha256", std::string(64, 'A')}};
  EXPECT_EQ(refused(Json::array({weak})), Reason::SubjectForm);
}

TEST(SignedAttack, ANegativeVerdict) {
  Certificate c = sampleCertificate();
  c.verdict = Verdict::Refuted;
  c.obligations[2].judged.outcome = Refuted{"out of bounds", ""};
  auto opened = openSample(fileAbout(c));
  ASSERT_TRUE(opened) << opened.error().message << ": well-formed, and not positive";
  auto accepted = satisfies(*opened, *presetPolicy("smoke"), {}, tests::sampleTiming().issued);
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().reason, Reason::NotCertified);
}

TEST(SignedAttack, APositiveVerdictOverARefutation) {
  Certificate c = sampleCertificate();
  c.obligations[2].judged.outcome = Refuted{"out of bounds", ""};
  EXPECT_EQ(refusalOf(fileAbout(c)).reason, Reason::Inconsistent);
  c = sampleCertificate();
  c.obligations.clear();
  EXPECT_EQ(refusalOf(fileAbout(c)).reason, Reason::Inconsistent);
}

} // namespace
} // namespace kverify::attest
