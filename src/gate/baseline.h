#pragma once
// What was wrong before: kept in a file beside the code, so that only new findings fail (kverify.gate-baseline/1,
// specs/schema/gate-baseline.schema.json).
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gate/judge.h"
#include "kverify/error.h"
#include "kverify/report.h"

namespace kverify::gate {

inline constexpr const char* kBaselineFormat = "kverify.gate-baseline/1";
inline constexpr const char* kBaselineFile = "kverify-baseline.json";

struct BaselineFinding {
  std::string check, fingerprint; ///< Finding::fingerprint: hash of check, kernel and normalised line text
  Severity severity = Severity::Error;
  bool confirmed = false;
  std::string message; ///< for people
  bool operator==(const BaselineFinding&) const = default;
};

struct BaselineKernel {
  std::string file;   ///< in the file: from the policy's folder
  std::string kernel; ///< display name
  std::vector<BaselineFinding> findings;
  std::vector<std::string> open; ///< keys of open questions (standing.h)
  bool operator==(const BaselineKernel&) const = default;
};

struct Baseline {
  std::vector<BaselineKernel> kernels;
};

/// Errors: Input: not JSON, not a baseline, of another version, an unknown key.
Expected<Baseline> parseBaseline(const std::string& path, std::string_view text);

/// Sorted and indented, ending with a newline: one finding a line of a diff.
std::string renderBaseline(const Baseline& baseline);

/// How a report stands to a baseline.
struct BaselineMatch {
  /// By kernel of the report, in its order.
  struct Kernel {
    std::set<const Finding*> known;      ///< of the report
    std::set<std::string> known_open;
    std::vector<BaselineFinding> fixed;  ///< gone, and their checks judged the kernel
    std::vector<BaselineFinding> gone;   ///< gone, and nobody knows why: allowed in the source, or not judged
  };
  std::vector<Kernel> kernels;
};

/// Findings are matched by fingerprint, as often as the baseline has them; one that a run has confirmed since is new. A
/// kernel is matched by file and name; by name alone (it was moved) only where its old file is not in `still_there`.
/// `report` and `baseline` name files alike.
BaselineMatch matchBaseline(const Baseline& baseline, const Report& report, const std::set<std::string>& still_there);

/// What `kernel` has that its decision was made without a baseline of: findings that would fail and open questions.
BaselineKernel baselineOf(const std::string& file, const KernelReport& kernel, const Decision& decision);

} // namespace kverify::gate
