#pragma once
// K.intoto.jsonl: three envelopes, one a line, by one key about one file: the audit, the same as a test result, its times.
#include <span>
#include <string>
#include <string_view>

#include "attest/key.h"
#include "attest/refusal.h"
#include "kverify/certificate.h"
#include "kverify/error.h"

namespace kverify::attest {

/// More than any certificate has.
inline constexpr std::size_t kLargestFile = std::size_t{32} << 20;

/// The whole file. With the same key, the first two lines depend on the certificate alone. Errors: Input (the verdict is
/// not positive), Internal; also where openCertificate() would not take it.
Expected<std::string> writeCertificate(const Certificate& certificate, const AuditTiming& timing, const SigningKey& key);

/// A certificate whose signature, form and inner consistency were checked. That says who signed what, and not yet that it
/// is about the kernel at hand or good enough: see matches() and satisfies().
struct Opened {
  Certificate certificate;
  AuditTiming timing;
  std::string key_id;
  std::string payload_sha256; ///< of the audit's statement
};

/// Every line is verified before anything of it is parsed.
Checked<Opened> openCertificate(std::string_view file, std::span<const PublicKey> trusted);

} // namespace kverify::attest
