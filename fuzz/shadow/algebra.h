#pragma once
// A kernel's algebra, judged apart from its rounding: one run with residues beside every float, whose outputs must be
// equal to the spec evaluated in the same field. No tolerance is involved.
//
// Sound: a kernel that computes the spec in exact arithmetic along the concrete run's choices is equal in every run.
// A wrong one is equal with a probability that is stated (FieldSpec::escape_probability). What a difference would prove
// nothing about (a constant of many digits, a tie of maxima, a threshold, a function that the field does not have) is
// Unknown, by name; so is what leaves the field.
#include <optional>
#include <string>

#include "fuzz/shadow/field_spec.h"
#include "kverify/contract.h"
#include "kverify/launch.h"
#include "simt/executor.h"

namespace kverify::shadow {

struct AlgebraVerdict {
  enum class Kind { Equal, Unequal, Unknown };
  Kind kind = Kind::Unknown;
  bool uncovered = false;     ///< Unknown: the operation, as the contract uses it, is not evaluated in the field
  bool differs = false;       ///< Unknown: the outputs are not the spec's, but that proves nothing
  bool suspicious = false;    ///< differs, though the field has all that it depends on: by a constant or a threshold
  std::string reason;         ///< Unequal, Unknown: one sentence
  SourceLocation place;       ///< Unknown: where it left the field, if that is known
  std::uint64_t compared = 0; ///< elements
  std::uint64_t unequal = 0;
  std::string first; ///< Unequal: "O[b=0, h=1, nq=3, dv=17]"
  double escape_probability = 1;
};

/// What a field run of this plan needs, and the spec's outputs. Errors: Input (extents that contradict each other).
/// `uncovered` is set where the spec, or this use of it, has no evaluation in the field.
Expected<FieldSpec> prepareAlgebra(const Contract& contract, const LaunchPlan& plan, std::uint64_t seed);

/// Compares a finished field run of `plan` with the spec.
AlgebraVerdict compareAlgebra(const Contract& contract, const LaunchPlan& plan, std::uint64_t seed,
                              const FieldSpec& spec, const simt::RunResult& run);

/// Both, with the run in between; twice where one run would say little (FieldMode::Tower). `program` has
/// ProgramOptions::shadow = Field. Errors: as of Program::run().
Expected<AlgebraVerdict> judgeAlgebra(const Contract& contract, simt::Program& program, const LaunchPlan& plan,
                                      std::uint64_t seed, const simt::RunLimits& limits = {});

inline constexpr const char* kAlgebraCheck = "algebra.mismatch";

} // namespace kverify::shadow
