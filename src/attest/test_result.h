#pragma once
// The same audit for those who do not know ours: in-toto's predicate "test result" v0.1.
#include <string>
#include <string_view>

#include "attest/strict_json.h"
#include "kverify/certificate.h"

namespace kverify::attest {

inline constexpr std::string_view kTestResultPredicate = "https://in-toto.io/attestation/test-result/v0.1";

/// Derived, and nothing in it that the certificate does not have. A test is "stage/check"; proved and tested pass, what is
/// unknown warns, and so does what only the source's reader saw; refuted fails. `configuration` names the contract, the
/// operation's description, the headers, and by `payload_sha256` the statement that has everything.
Json testResultOf(const Certificate& certificate, const std::string& payload_sha256);

} // namespace kverify::attest
