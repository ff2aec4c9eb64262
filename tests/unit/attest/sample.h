#pragma once
// A certificate that uses every field, and keys that are the same in every run.
#include <string>

#include "attest/certificate_file.h"
#include "attest/key.h"
#include "attest/strict_json.h"
#include "kverify/certificate.h"

namespace kverify::tests {

/// Proved, tested and idle checks, a finding, a suppression, scores; its verdict is certified.
Certificate sampleCertificate();

/// Without a contract: one launch.
Certificate sampleLaunchCertificate();

AuditTiming sampleTiming();

/// From seeds of 32 equal bytes: `which` is the byte.
attest::SigningKey sampleKey(char which = 7);

/// The three lines of sampleCertificate() by sampleKey().
std::string sampleFile();

/// `file` opened with the public key of sampleKey().
attest::Checked<attest::Opened> openSample(std::string_view file);

/// One line as an attacker who has sampleKey() could write it: any statement text.
std::string signedLine(const std::string& payload, char which = 7);

/// An audit statement about sampleCertificate()'s subject with this predicate.
attest::Json statementWith(const attest::Json& predicate, const std::string& type);

} // namespace kverify::tests
