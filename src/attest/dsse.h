#pragma once
// DSSE, the Dead Simple Signing Envelope v1 (github.com/secure-systems-lab/dsse): what is signed is the type and the bytes
// of the payload, so that nothing has to be parsed to check a signature.
#include <span>
#include <string>
#include <string_view>

#include "attest/key.h"
#include "attest/refusal.h"
#include "kverify/error.h"

namespace kverify::attest {

inline constexpr std::string_view kInTotoPayload = "application/vnd.in-toto+json";

/// More than any certificate has: the questions of a large kernel are 70 bytes each.
inline constexpr std::size_t kLargestLine = std::size_t{16} << 20;

/// Pre-authentication encoding: "DSSEv1 <len> <type> <len> <body>".
std::string pae(std::string_view type, std::string_view body);

/// One envelope with one signature, canonical JSON without a line end. Errors: Internal.
Expected<std::string> sealed(std::string_view payload_type, std::string_view payload, const SigningKey& key);

/// What a trusted key has signed.
struct Unsealed {
  std::string payload;
  std::string key_id;
};

/// Checks one line, in this order: size, text, form, payload type, number of signatures, key, signature. Nothing of the
/// payload is looked at. An envelope has one spelling here, the one sealed() gives: whoever changes a byte of it, even a
/// blank, is refused. The key id only chooses among the trusted keys; the signature decides.
Checked<Unsealed> unseal(std::string_view line, std::span<const PublicKey> trusted);

} // namespace kverify::attest
