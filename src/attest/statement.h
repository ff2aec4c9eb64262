#pragma once
// in-toto Statement v1 (github.com/in-toto/attestation): which bytes a predicate is about.
#include <string>
#include <string_view>

#include "attest/refusal.h"
#include "attest/strict_json.h"
#include "kverify/certificate.h"
#include "kverify/error.h"

namespace kverify::attest {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";

struct Statement {
  FileDigest subject;
  std::string predicate_type;
  Json predicate;
};

/// Canonical JSON: the payload of an envelope. Errors: Internal.
Expected<std::string> statementText(const Statement& statement);

/// Reads a payload that was verified. It has one subject, one digest of it, SHA-256, and is canonical JSON: one text, one
/// reading, for every parser. What the predicate says is not looked at.
Checked<Statement> statementFrom(std::string_view payload);

} // namespace kverify::attest
