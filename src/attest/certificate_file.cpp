#include "attest/certificate_file.h"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "attest/canonical_json.h"
#include "attest/dsse.h"
#include "attest/predicate.h"
#include "attest/statement.h"
#include "attest/test_result.h"
#include "core/hash.h"

namespace kverify::attest {
namespace {

/// The lines, in their order.
constexpr std::array kTypes = {kAuditPredicate, kTestResultPredicate, kTimingPredicate};

Refusal atLine(Refusal refusal, std::size_t line) {
  refusal.place = fmt::format("line {}{}{}", line + 1, refusal.place.empty() ? "" : " ", refusal.place);
  return refusal;
}

/// The file has whole lines and as many as it should.
Checked<std::vector<std::string_view>> linesOf(std::string_view file) {
  if (file.size() > kLargestFile)
    return refuse(Reason::TooLarge, fmt::format("it has {} bytes, and {} are taken at most", file.size(), kLargestFile));
  if (file.empty())
    return refuse(Reason::Truncated, "it is empty");
  std::vector<std::string_view> lines;
  for (std::string_view rest = file; !rest.empty();) {
    std::size_t end = rest.find('\n');
    if (end == rest.npos)
      return refuse(Reason::Truncated, "its last line has no end");
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    if (lines.size() > kTypes.size())
      return refuse(Reason::StatementSet, fmt::format("it has more than {} lines", kTypes.size()));
  }
  return lines;
}

/// Does the statement stand on the line where its kind belongs?
Checked<void> isExpected(const Statement& statement, std::size_t line) {
  if (statement.predicate_type == kTypes[line])
    return {};
  for (std::string_view known : kTypes)
    if (statement.predicate_type == known)
      return refuse(Reason::StatementSet,
                    fmt::format("the statement '{}' is on a line where '{}' belongs", known, kTypes[line]), "/predicateType");
  return refuse(Reason::PredicateType,
                fmt::format("its type is '{}'; this kverify knows '{}' here, and no other version", statement.predicate_type,
                            kTypes[line]),
                "/predicateType");
}

struct Verified {
  Statement statement;
  std::string key_id, payload_sha256;
};

Checked<Verified> verifyLine(std::string_view line, std::size_t number, std::span<const PublicKey> trusted) {
  auto unsealed = unseal(line, trusted);
  if (!unsealed)
    return tl::unexpected(atLine(unsealed.error(), number));
  auto statement = statementFrom(unsealed->payload);
  if (!statement)
    return tl::unexpected(atLine(statement.error(), number));
  if (auto expected = isExpected(*statement, number); !expected)
    return tl::unexpected(atLine(expected.error(), number));
  return Verified{std::move(*statement), std::move(unsealed->key_id), sha256Hex(unsealed->payload)};
}

/// What the statements of one file owe each other.
Checked<AuditTiming> belongTogether(const std::vector<Verified>& all, const Certificate& certificate) {
  const Verified& audit = all[0];
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].statement.subject != audit.statement.subject)
      return tl::unexpected(atLine({Reason::SubjectsDiffer,
                                    fmt::format("it is about '{}', and line 1 about '{}'", all[i].statement.subject.name,
                                                audit.statement.subject.name), "/subject"}, i));
    if (all[i].key_id != audit.key_id)
      return tl::unexpected(atLine({Reason::StatementSet, "another key has signed it than line 1", ""}, i));
  }
  if (all[1].statement.predicate != testResultOf(certificate, audit.payload_sha256))
    return tl::unexpected(atLine({Reason::StatementSet, "it is not the test result of the audit on line 1", "/predicate"}, 1));
  auto timing = timingFrom(all[2].statement.predicate);
  if (!timing)
    return tl::unexpected(atLine(timing.error(), 2));
  if (timing->payload_sha256 != audit.payload_sha256)
    return tl::unexpected(atLine({Reason::StatementSet, "it times another audit than the one on line 1", "/predicate/of"}, 2));
  return std::move(timing->timing);
}

} // namespace

Checked<Opened> openCertificate(std::string_view file, std::span<const PublicKey> trusted) {
  auto lines = linesOf(file);
  if (!lines)
    return tl::unexpected(lines.error());
  std::vector<Verified> all;
  for (std::size_t i = 0; i < lines->size(); ++i) {
    auto verified = verifyLine((*lines)[i], i, trusted);
    if (!verified)
      return tl::unexpected(verified.error());
    all.push_back(std::move(*verified));
  }
  if (all.size() < kTypes.size())
    return refuse(Reason::Truncated, fmt::format("it has {} of {} statements: '{}' is missing", all.size(), kTypes.size(), kTypes[all.size()]));
  auto certificate = certificateFrom(all[0].statement.predicate, all[0].statement.subject);
  if (!certificate)
    return tl::unexpected(atLine(certificate.error(), 0));
  auto timing = belongTogether(all, *certificate);
  if (!timing)
    return tl::unexpected(timing.error());
  return Opened{std::move(*certificate), std::move(*timing), all[0].key_id, all[0].payload_sha256};
}

Expected<std::string> writeCertificate(const Certificate& certificate, const AuditTiming& timing, const SigningKey& key) {
  if (certificate.verdict != Verdict::Certified)
    return fail(ErrorKind::Input, fmt::format("only a certified kernel gets a certificate, and this one is {}",
                                              nameOf(certificate.verdict)), certificate.source.name);
  Json predicate = predicateOf(certificate);
  auto audit = statementText({certificate.source, std::string(kAuditPredicate), std::move(predicate)});
  if (!audit)
    return tl::unexpected(audit.error());
  std::string hash = sha256Hex(*audit);
  auto result = statementText({certificate.source, std::string(kTestResultPredicate), testResultOf(certificate, hash)});
  auto times = statementText({certificate.source, std::string(kTimingPredicate), timingOf(timing, hash)});
  std::string file;
  for (const Expected<std::string>* text : {&audit, &result, &times}) {
    if (!*text)
      return tl::unexpected(text->error());
    auto line = sealed(kInTotoPayload, **text, key);
    if (!line)
      return tl::unexpected(line.error());
    file += *line + "\n";
  }
  PublicKey own = key.publicKey();
  if (auto opened = openCertificate(file, std::span(&own, 1)); !opened)
    return fail(ErrorKind::Internal, "this certificate would not be accepted: " + opened.error().message, opened.error().place);
  return file;
}

} // namespace kverify::attest
