#include "attest/dsse.h"

#include <algorithm>

#include <fmt/format.h>

#include "attest/base64.h"
#include "attest/canonical_json.h"
#include "attest/strict_json.h"
#include "attest/utf8.h"

namespace kverify::attest {
namespace {

struct Envelope {
  std::string payload_type, payload, key_id, signature;
};

Json toJson(const Envelope& envelope) {
  Json signature = {{"keyid", envelope.key_id}, {"sig", toBase64(envelope.signature)}};
  return {{"payload", toBase64(envelope.payload)},
          {"payloadType", envelope.payload_type},
          {"signatures", Json::array({std::move(signature)})}};
}

/// One that is there, and a string.
const std::string* textIn(const Json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_string() ? &found->get_ref<const std::string&>() : nullptr;
}

tl::unexpected<Refusal> notAnEnvelope(std::string why) {
  return refuse(Reason::MalformedEnvelope, "this is no DSSE envelope as kverify writes it: " + why);
}

Reason reasonOf(JsonFault::Kind kind) {
  switch (kind) {
  case JsonFault::Kind::TooLarge: return Reason::TooLarge;
  case JsonFault::Kind::NotText: return Reason::NotText;
  case JsonFault::Kind::DuplicateKey: return Reason::DuplicateKey;
  default: return Reason::MalformedEnvelope;
  }
}

Checked<Json> parsed(std::string_view line) {
  // Four levels and a dozen values are all that an envelope has.
  auto json = parseStrictly(line, {.bytes = kLargestLine, .depth = 4, .values = 64});
  if (!json)
    return refuse(reasonOf(json.error().kind), "the envelope can't be read: " + json.error().message);
  return std::move(*json);
}

/// Form, payload type and number of signatures.
Checked<Envelope> envelopeFrom(std::string_view line) {
  auto json = parsed(line);
  if (!json)
    return tl::unexpected(json.error());
  if (!json->is_object())
    return notAnEnvelope("it is no JSON object");
  for (const auto& [name, value] : json->get_ref<const Json::object_t&>())
    if (name != "payload" && name != "payloadType" && name != "signatures")
      return notAnEnvelope(fmt::format("'{}' does not belong there", name));
  const std::string* type = textIn(*json, "payloadType");
  const std::string* payload = textIn(*json, "payload");
  auto signatures = json->find("signatures");
  if (!type || !payload || signatures == json->end() || !signatures->is_array())
    return notAnEnvelope("payload, payloadType or signatures are missing");
  if (*type != kInTotoPayload)
    return refuse(Reason::PayloadType, fmt::format("the payload is '{}', and only '{}' is taken", *type, kInTotoPayload));
  if (signatures->size() != 1)
    return refuse(Reason::SignatureCount, fmt::format("it has {} signatures, and a certificate has one", signatures->size()));
  const Json& only = (*signatures)[0];
  const std::string* id = only.is_object() ? textIn(only, "keyid") : nullptr;
  const std::string* signature = only.is_object() ? textIn(only, "sig") : nullptr;
  if (!id || !signature || only.size() != 2)
    return notAnEnvelope("a signature is keyid and sig");
  auto payload_bytes = fromBase64(*payload), signature_bytes = fromBase64(*signature);
  if (!payload_bytes || !signature_bytes)
    return notAnEnvelope(fmt::format("{} is not base64", payload_bytes ? "sig" : "payload"));
  return Envelope{*type, std::move(*payload_bytes), *id, std::move(*signature_bytes)};
}

} // namespace

std::string pae(std::string_view type, std::string_view body) {
  return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, body.size(), body);
}

Expected<std::string> sealed(std::string_view payload_type, std::string_view payload, const SigningKey& key) {
  auto signature = key.sign(pae(payload_type, payload));
  if (!signature)
    return tl::unexpected(signature.error());
  return canonical(
      toJson({std::string(payload_type), std::string(payload), key.publicKey().id(), std::move(*signature)}));
}

Checked<Unsealed> unseal(std::string_view line, std::span<const PublicKey> trusted) {
  if (line.size() > kLargestLine)
    return refuse(Reason::TooLarge, fmt::format("a line has {} bytes, and {} are taken at most", line.size(), kLargestLine));
  auto envelope = envelopeFrom(line);
  if (!envelope)
    return tl::unexpected(envelope.error());
  auto key = std::find_if(trusted.begin(), trusted.end(),
                          [&](const PublicKey& one) { return one.id() == envelope->key_id; });
  if (key == trusted.end())
    return refuse(Reason::UntrustedKey,
                  fmt::format("it is signed by the key '{}', which is not trusted here", mended(envelope->key_id)));
  if (!key->verifies(pae(envelope->payload_type, envelope->payload), envelope->signature))
    return refuse(Reason::BadSignature, fmt::format("the signature is not one of the key {} over this payload", key->id()));
  auto again = canonical(toJson(*envelope));
  if (!again || *again != line)
    return notAnEnvelope("it was written by something else, or touched");
  return Unsealed{std::move(envelope->payload), std::move(envelope->key_id)};
}

} // namespace kverify::attest
