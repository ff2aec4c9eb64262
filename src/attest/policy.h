#pragma once
// What a certificate must say to be accepted. The signature tells who said it; this, whether it is enough.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attest/certificate_file.h"
#include "attest/refusal.h"

namespace kverify::attest {

/// What one check needs. Each includes those before it. A check that had nothing to judge in the kernel meets all of them.
enum class Need {
  Nothing,
  Tests,          ///< proved, or tested on enough cases
  Proof,          ///< proved; at the listed sizes is enough
  UnboundedProof, ///< proved for every launch that the contract allows
};
std::string_view nameOf(Need need);
std::optional<Need> parseNeed(std::string_view name);

/// The last rule that matches a check decides.
struct CheckRule {
  std::string match; ///< a check's id, in which * stands for anything: "race.*"
  Need need = Need::Tests;
  std::uint64_t min_cases = 0; ///< of tests; 0: CertificatePolicy::min_cases
};

/// "0.1.0": up to three numbers.
struct Version {
  std::uint32_t major = 0, minor = 0, patch = 0;
  auto operator<=>(const Version&) const = default;
};
std::optional<Version> parseVersion(std::string_view text);

struct CertificatePolicy {
  std::string name; ///< of a preset or a file, for messages
  Require require = Require::Tests; ///< the verdict must have been folded under at least this
  std::vector<CheckRule> checks;
  std::uint64_t min_cases = 1;
  std::optional<double> kill_score;   ///< least part of the mutants that must be noticed; then there must be a score
  std::optional<double> oracle_score; ///< least part of the wrong results that the oracle must reject
  std::optional<Version> tool_at_least, tool_below;
  std::vector<std::string> targets;  ///< empty: any
  std::vector<std::string> backends; ///< empty: any
  std::optional<std::vector<std::string>> suppressions; ///< patterns of checks that may be suppressed; absent: any
  bool allow_warnings = true;   ///< findings of the static stage that stand
  bool contract_required = true; ///< false: a single launch without a contract is enough
  std::optional<std::vector<std::string>> keys; ///< ids; absent: every key that is trusted otherwise
  std::vector<std::string> key_files;           ///< of public keys to trust, beside those that the caller names
  std::optional<std::int64_t> max_age_seconds;
};

/// Presets "smoke", "standard" and "strict"; nothing for other names.
std::optional<CertificatePolicy> presetPolicy(std::string_view name);

/// A check that this program knows, and whether its provers can prove it.
struct KnownCheck {
  std::string id;
  bool provable = false;
};

/// The first thing in which the certificate falls short: its verdict (NotCertified), then the policy's points (Policy).
/// `known`: what a pattern stands for, so that a check which the certificate does not mention is missed. A pattern that
/// needs a proof asks it of checks that can be proved, and tests of the others; a check's whole id asks it in any case.
/// `now`: seconds since 1970.
Checked<void> satisfies(const Opened& opened, const CertificatePolicy& policy, std::span<const KnownCheck> known,
                        std::int64_t now);

/// Does `text` fit the pattern, in which * stands for any characters?
bool matchesPattern(std::string_view pattern, std::string_view text);

} // namespace kverify::attest
