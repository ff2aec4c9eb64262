#pragma once
// The algebra of a kernel, apart from its rounding: field runs (fuzz/shadow/algebra.h) of some of the cases that an
// ordinary run has passed.
#include <optional>
#include <span>

#include "cli/pipeline/case_run.h"
#include "fuzz/shadow/algebra.h"
#include "kverify/outcome.h"

namespace kverify::pipeline {

struct AlgebraResult {
  /// Tested, or Unknown: `not judged` where the field has no arithmetic for the kernel, or a difference proves nothing.
  Outcome outcome = Unknown{unknown_reason::no_cases, "no case was run"};
  std::optional<Finding> finding; ///< not yet confirmed
  generate::Case one_case;        ///< of the finding
};

/// Is the contract's operation evaluated in the field?
bool hasAlgebra(const Subject& subject);

/// Field runs of up to four of these cases' sizes, each over normal inputs of its own. A difference counts when a second
/// seed shows it, too. Nothing is said of a kernel in which `runs` show another defect. `checked` is the executor's
/// program of the subject, where the caller has one: else it is compiled.
AlgebraResult judgeAlgebraOf(const Subject& subject, std::span<const CaseRun> runs, std::uint64_t seed,
                             const simt::RunLimits& limits, simt::Program* checked = nullptr);

/// Runs one case in the field again and adds the finding, if it is still there, to `run`.
void addAlgebraFinding(const Subject& subject, const generate::Case& one_case, const simt::RunLimits& limits,
                       CaseRun& run);

} // namespace kverify::pipeline
