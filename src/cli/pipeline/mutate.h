#pragma once
// Mutants of one kernel against the stages: how much of what can be wrong is noticed.
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "fuzz/mutate/mutation.h"

namespace kverify::pipeline {

struct MutationOptions {
  AuditOptions audit;                       ///< its stages: fuzz always runs, formal where asked; static never
  std::vector<mutate::Operator> operators; ///< empty: all
  std::size_t sample = 0;                   ///< at most so many mutants, spread evenly; 0 = all
  std::function<void(std::size_t done, std::size_t total)> progress;
};

enum class Fate {
  Killed,     ///< a stage refuted it
  Survived,   ///< no stage did
  Equivalent, ///< it is no other program, or none that any case could tell: `detail` says why
  Unjudged,   ///< kverify could not run it: `detail` says why. Counts as survived
};
std::string_view nameOf(Fate fate);

struct MutantResult {
  mutate::Mutation mutation;
  Fate fate = Fate::Unjudged;
  std::string stage, check; ///< that killed it; "step-limit" where it ran for longer than any correct kernel would
  std::string detail;
};

struct MutationReport {
  std::string file, kernel, contract;
  std::optional<ToolError> error;
  std::vector<MutantResult> mutants;
  std::size_t cases = 0; ///< that every survivor passed
  double seconds = 0;

  std::size_t count(Fate fate) const;
  /// Killed of those that are another program; 1 where there are none.
  double score() const;
};

/// Judges every mutant. The kernel itself has to pass first.
/// Each mutant meets the cases in their order (cheap ones first) until one kills it; only survivors meet all of them,
/// then the solver, and then the question whether they are another program at all.
MutationReport mutateJob(const Job& job, const MutationOptions& options);

} // namespace kverify::pipeline
