#include "attest/statement.h"

#include <fmt/format.h>

#include "attest/canonical_json.h"
#include "attest/fields.h"
#include "attest/predicate.h"
#include "attest/utf8.h"

namespace kverify::attest {
namespace {

Reason reasonOf(JsonFault::Kind kind) {
  switch (kind) {
  case JsonFault::Kind::TooLarge: return Reason::TooLarge;
  case JsonFault::Kind::TooDeep: return Reason::TooDeep;
  case JsonFault::Kind::NotText: return Reason::NotText;
  case JsonFault::Kind::DuplicateKey: return Reason::DuplicateKey;
  case JsonFault::Kind::BadNumber: return Reason::BadNumber;
  case JsonFault::Kind::Malformed: return Reason::MalformedPayload;
  }
  return Reason::MalformedPayload;
}

tl::unexpected<Refusal> badSubject(std::string why) {
  return refuse(Reason::SubjectForm, "the subject is not one file by its SHA-256: " + why, "/subject");
}

Checked<FileDigest> subjectFrom(const Json& statement) {
  auto subjects = statement.find("subject");
  if (subjects == statement.end() || !subjects->is_array())
    return badSubject("there is none");
  if (subjects->size() != 1)
    return badSubject(fmt::format("there are {}", subjects->size()));
  const Json& only = (*subjects)[0];
  auto name = only.is_object() ? only.find("name") : only.end();
  auto digests = only.is_object() ? only.find("digest") : only.end();
  if (!only.is_object() || only.size() != 2 || name == only.end() || digests == only.end() || !name->is_string() ||
      !digests->is_object())
    return badSubject("it should have a name and a digest, and nothing else");
  auto sha256 = digests->find("sha256");
  if (digests->size() != 1 || sha256 == digests->end() || !sha256->is_string() ||
      !isSha256(sha256->get_ref<const std::string&>()))
    return badSubject("its digest should be one sha256 of 64 lower-case hex digits");
  return FileDigest{*name, *sha256};
}

} // namespace

Expected<std::string> statementText(const Statement& statement) {
  return canonical({{"_type", kStatementType},
                    {"subject", Json::array({descriptorOf(statement.subject)})},
                    {"predicateType", statement.predicate_type},
                    {"predicate", statement.predicate}});
}

Checked<Statement> statementFrom(std::string_view payload) {
  auto json = parseStrictly(payload);
  if (!json)
    return refuse(reasonOf(json.error().kind), "what was signed can't be read: " + json.error().message);
  auto again = canonical(*json);
  if (!again || *again != payload)
    return refuse(Reason::MalformedPayload, "what was signed is JSON, but not in its canonical form (RFC 8785)");
  if (!json->is_object())
    return refuse(Reason::MalformedPayload, "what was signed is no JSON object");
  auto textOf = [&](const char* name) {
    auto found = json->find(name);
    return found != json->end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (textOf("_type") != kStatementType)
    return refuse(Reason::StatementType,
                  fmt::format("it is '{}', and no in-toto Statement v1 ({})", mended(textOf("_type")), kStatementType), "/_type");
  for (const auto& [name, value] : json->get_ref<const Json::object_t&>())
    if (name != "_type" && name != "subject" && name != "predicateType" && name != "predicate")
      return refuse(Reason::UnknownField, fmt::format("the field '{}' is not known here", name), "/" + name);
  auto subject = subjectFrom(*json);
  if (!subject)
    return tl::unexpected(subject.error());
  auto predicate = json->find("predicate");
  if (textOf("predicateType").empty() || predicate == json->end())
    return refuse(Reason::MalformedPayload, "the statement has no predicate, or none with a type", "/predicateType");
  return Statement{std::move(*subject), textOf("predicateType"), std::move(*predicate)};
}

} // namespace kverify::attest
