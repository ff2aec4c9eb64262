#pragma once
// Mutants of one kernel against the stages: how much of what can be wrong is noticed.
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "fuzz/mutate/mutation.h"

namespace kverify::pipeline {

struct MutationOptions {
  AuditOptions audit; ///< its stages: fuzz always runs, stability and formal where asked; static never
  std::vector<mutate::Operator> operators; ///< empty: all
  std::size_t sample = 0;                   ///< at most so many mutants, spread evenly; 0 = all
  std::function<void(std::size_t done, std::size_t total)> progress;
};

enum class Fate {
  Killed,       ///< a stage refuted it
  Survived,     ///< no stage did
  Equivalent,   ///< provably no other program: `detail` says by what proof
  SameFunction, ///< another program that, as far as exact arithmetic in a finite field shows, computes the same
                ///< function
  Unjudged,     ///< kverify could not run it: `detail` says why. Counts as survived
};
inline constexpr Fate kFates[] = {Fate::Killed, Fate::Survived, Fate::Equivalent, Fate::SameFunction, Fate::Unjudged};
std::string_view nameOf(Fate fate);

/// The stages in their order: each is asked where those before it let a mutant pass.
namespace stage_name {
inline constexpr const char* cases = "cases";
inline constexpr const char* properties = "properties";
inline constexpr const char* algebra = "algebra";
inline constexpr const char* stability = "stability";
inline constexpr const char* formal = "formal";
} // namespace stage_name

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
  std::size_t cases = 0; ///< that every survivor passed, of all stages that run some
  std::vector<std::string> notes;
  double seconds = 0;

  std::size_t count(Fate fate) const;
  /// Killed of all but the equivalent ones; 1 where there are none.
  double score() const;
  /// The same without those that compute the same function.
  double scoreOfOtherFunctions() const;
  /// How many were killed by each stage.
  std::map<std::string, std::size_t> killedBy() const;
};

/// Judges every mutant as an audit would. The kernel itself has to pass first. Each mutant meets the stages in their
/// order, and the cases of a stage cheap ones first, until something kills it; only survivors meet all of them, and
/// then the question whether they are another program at all.
MutationReport mutateJob(const Job& job, const MutationOptions& options);

} // namespace kverify::pipeline
