#pragma once
// What a certificate rests on, asked again from the bundle beside it.
#include <cstddef>
#include <string>

#include "attest/bundle.h"
#include "attest/refusal.h"
#include "kverify/certificate.h"

namespace kverify::cli {

struct RecheckOptions {
  std::string solver = "cvc5"; ///< a program that reads SMT-LIB; not the one that the certificate names
  unsigned query_ms = 60000;
  unsigned workers = 1;
};

struct Rechecked {
  std::size_t queries = 0; ///< that the second solver finds unsatisfiable, all of them
  std::size_t runs = 0;    ///< that gave the same bits
  std::string solver;      ///< "cvc5 1.0.3"
};

/// Every question of the certificate, as its SMT-LIB text stands in the bundle, to the second solver. Nothing of kverify's
/// own reading of the kernel takes part: the text is the one whose hash was signed.
/// Refusals: BundleIncomplete, BundleMismatch, TooLarge, QueryForm, QueryRefuted, QueryOpen.
attest::Checked<std::size_t> recheckQueries(const Certificate& certificate, const attest::Bundle& bundle,
                                            const RecheckOptions& options);

/// Every run of the certificate in a process of its own, and what they come to. `kernel` and `contract` are the files whose
/// hashes were compared.
/// Refusals: BundleIncomplete, BundleMismatch, HeaderMismatch, RunDiffers.
attest::Checked<std::size_t> recheckRuns(const Certificate& certificate, const attest::Bundle& bundle, const std::string& kernel,
                                         const std::string& contract, const RecheckOptions& options);

} // namespace kverify::cli
