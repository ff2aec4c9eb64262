#pragma once
// Is a certificate about the files that are here?
#include <string>

#include "attest/refusal.h"
#include "kverify/certificate.h"

namespace kverify::cli {

struct Here {
  std::string kernel;
  std::string contract; ///< empty: the one beside the kernel
};

struct Matched {
  std::string contract; ///< path; empty where the certificate is about a launch
};

/// Compares, by their bytes: the kernel, its contract and the operation that it names, every header of the user's. The
/// system's headers are read by a compilation alone: see recheckRuns.
/// Refusals: SubjectMismatch, ContractMismatch, SpecMismatch, HeaderMismatch.
attest::Checked<Matched> matches(const Certificate& certificate, const Here& here);

/// "k.bundle" beside "k.intoto.jsonl".
std::string bundleBeside(const std::string& file);

} // namespace kverify::cli
