#pragma once
// The steps of trust that verify-cert and the gate take alike: signature, form, subject, policy.
#include <string>
#include <string_view>
#include <vector>

#include "attest/certificate_file.h"
#include "attest/policy.h"
#include "cli/certificate_match.h"
#include "kverify/error.h"

namespace kverify::cli {

/// Errors: Input (a file that can't be read, or is no public key).
Expected<std::vector<attest::PublicKey>> readKeys(const std::vector<std::string>& paths);

/// The bytes of a certificate, of which openCertificate() makes what it can: of a file that is too large, so many that
/// it is refused for that. Errors: Input.
Expected<std::string> readCertificate(const std::string& path);

struct Accepted {
  attest::Opened opened;
  Matched matched;
};

/// In the order in which trust grows. Whether what it rests on holds, only asking again says (recheck.h).
attest::Checked<Accepted> accept(std::string_view file, const Here& here, const std::vector<attest::PublicKey>& trusted,
                                 const attest::CertificatePolicy& policy);

} // namespace kverify::cli
