#pragma once
// A policy from a JSON file (specs/schema/certificate-policy.schema.json).
#include <string>
#include <string_view>

#include "attest/policy.h"
#include "kverify/error.h"

namespace kverify::attest {

/// `path` is for messages. Errors: Input, with the field and the nearest valid word.
Expected<CertificatePolicy> policyFromJson(std::string_view text, const std::string& path);

/// A preset by its name, or else a file. Errors: Input.
Expected<CertificatePolicy> loadPolicy(const std::string& name_or_path);

} // namespace kverify::attest
