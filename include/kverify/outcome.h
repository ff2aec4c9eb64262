#pragma once
// What a stage may say about one check. There is no fifth thing, and no default that passes.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kverify {

/// True for every launch inside the scope, under the assumptions.
struct Proved {
  std::string scope; ///< the sizes and launches it covers
  std::vector<std::string> assumptions;
  std::string solver;
  std::string query_hash;
  bool cached = false;  ///< by the same tool on the same question, an earlier time
};

/// No counterexample among the cases that were run. Never a proof.
struct Tested {
  std::uint64_t cases = 0;
  std::uint64_t seed = 0;
  std::optional<double> worst_ratio; ///< worst error/bound, where the check has a bound
  std::string scope;                 ///< the sizes that were covered, in words
};

/// A launch that breaks it was run and did.
struct Refuted {
  std::string summary;
  std::string replay; ///< path of the replay file
};

/// Why nothing can be said. `code` is one of a small fixed set (see unknown_reason below), `detail` a sentence.
struct Unknown {
  std::string code;
  std::string detail;
};

using Outcome = std::variant<Proved, Tested, Refuted, Unknown>;

namespace unknown_reason {
inline constexpr const char* unsupported = "unsupported";
inline constexpr const char* step_limit = "step limit";
inline constexpr const char* memory_limit = "memory limit";
inline constexpr const char* no_cases = "no cases";
inline constexpr const char* no_spec = "no spec";
inline constexpr const char* interrupted = "interrupted";
inline constexpr const char* unconfirmed = "unconfirmed";
inline constexpr const char* tool_error = "tool error";
inline constexpr const char* time_budget = "time budget";
// Of the process that judges one kernel; each costs that kernel's verdict and no other.
inline constexpr const char* crash = "crash";
inline constexpr const char* time_limit = "time limit";
inline constexpr const char* process_limit = "process limit";
inline constexpr const char* no_sandbox = "no sandbox";
inline constexpr const char* changed = "source changed";
/// Of an extra judge: it has no arithmetic for this kernel, or what it saw proves nothing. See foldVerdict, rule 7.
inline constexpr const char* not_judged = "not judged";
} // namespace unknown_reason

/// A line of the source that an outcome is about.
struct JudgedLine {
  std::string file;
  unsigned line = 0;
  auto operator<=>(const JudgedLine&) const = default;
};

/// The outcome of one check on one kernel, as it stands in the report.
struct CheckOutcome {
  std::string check; ///< CheckInfo::id
  std::string stage; ///< "fuzz", "formal", "static", …
  Outcome outcome;
  double seconds = 0;
  /// Sorted. Of a proof: where it was asked, and all that was asked holds. Of an Unknown: where something stayed open.
  /// Empty where the stage does not say.
  std::vector<JudgedLine> lines;
};

} // namespace kverify
