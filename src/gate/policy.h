#pragma once
// kverify.json (specs/schema/policy.schema.json): what must pass, for which paths.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/demands.h"
#include "kverify/error.h"

namespace kverify::gate {

inline constexpr const char* kPolicyFile = "kverify.json";

/// Demands for some paths. Rules are read from the first to the last: what a later one says holds.
struct PathRule {
  std::vector<std::string> paths; ///< globs, from the policy's folder (gate/glob.h)
  std::string preset;             ///< or empty
  Overlay demands;
  std::string place; ///< "kverify.json:12 (/rules/0)"
};

/// Kernels that are not judged. Every report names them.
struct Exemption {
  std::vector<std::string> paths;
  std::string reason;
};

struct Policy {
  std::string path;   ///< of the file, or empty: there is none, and the preset is all
  std::string folder; ///< absolute; globs and the baseline's path start here
  std::string preset = "standard";
  Overlay demands;
  std::vector<PathRule> rules;
  std::vector<Exemption> exemptions;
  std::string baseline;    ///< path from the folder, or empty
  std::string time_budget; ///< of the whole gate, or empty

  /// From the command line or the environment: over all that the file says. Its preset also takes away what single
  /// checks require, as far as the preset's stages cannot give it; severities stay.
  std::string forced_preset;
  std::optional<Gpu> forced_gpu;

  /// `path` from the policy's folder.
  Demands demandsFor(std::string_view path) const;
  const Exemption* exemptionOf(std::string_view path) const;
};

/// The check ids that a policy may name.
struct KnownChecks {
  std::vector<std::string> all, provable;
};
KnownChecks registeredChecks();

/// Errors: Input with line, key and the nearest valid one: not JSON, an unknown key, check, stage or word, a glob that
/// leaves the folder, demands that contradict themselves.
Expected<Policy> parsePolicy(const std::string& path, std::string_view text, const KnownChecks& known);

/// The file upward of `folder` (the first one found, up to the file system's root), or nothing.
std::optional<std::string> findPolicy(const std::string& folder);

/// Reads `path`, or what findPolicy gives where it is empty; without any, the preset alone with `folder` as its folder.
Expected<Policy> loadPolicy(const std::string& path, const std::string& folder, const KnownChecks& known);

} // namespace kverify::gate
