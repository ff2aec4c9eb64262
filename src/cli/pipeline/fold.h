#pragma once
// From the runs of one kernel to one outcome per check. Pure: no files, no runs, no clocks.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/pipeline/case_run.h"
#include "kverify/check.h"
#include "kverify/outcome.h"

namespace kverify::pipeline {

/// A finding and the smallest case that shows it.
struct ShownFinding {
  Finding finding;
  generate::Case one_case;
  std::string example; ///< the case in words, with what of it does not matter; empty: nobody made it smaller
};

/// One entry per (check, primary place): the first in the order of the runs, which come cheap ones first.
std::vector<ShownFinding> distinctFindings(std::span<const CaseRun> runs);

/// Did the case take more steps than any may? One such case among many is reported, and the others go on.
bool ranOutOfSteps(const CaseRun& run);

/// After this many cases without an end it is the kernel, and each of them costs long.
inline constexpr std::size_t kMostEndless = 2;

/// The runs up to and including the first that ended in a way that makes more of them pointless (unsupported, tool error,
/// stopped, never started, the second one out of steps). Deterministic, whatever ran beside it on other threads.
std::span<const CaseRun> countedRuns(std::span<const CaseRun> runs);

/// Why not all cases could be judged, or nothing.
std::optional<Unknown> shortfall(std::span<const CaseRun> runs, const std::optional<Unknown>& stopped);

struct FoldInput {
  std::span<const CaseRun> runs;          ///< countedRuns of all cases
  std::span<const ShownFinding> findings; ///< after confirmation
  std::optional<Unknown> incomplete;      ///< shortfall()
  std::uint64_t seed = 0;
  std::string scope;
  bool judges_values = false;
};

/// Refuted where a confirmed finding names the check; unconfirmed findings, missing cases and runs that were cut short
/// are Unknown; what is left is Tested on the cases that ran to their end.
Outcome outcomeOf(const CheckInfo& check, const FoldInput& input);

/// Does this check compare values with the operation's reference?
bool needsReference(const CheckInfo& check);

} // namespace kverify::pipeline
