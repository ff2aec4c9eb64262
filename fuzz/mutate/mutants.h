#pragma once
// The mutants of a kernel, made one at a time from its device IR.
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "frontend/device_module.h"
#include "fuzz/mutate/mutation.h"
#include "kverify/error.h"

namespace kverify::mutate {

struct MutateOptions {
  std::vector<std::string> system_folders; ///< what lies in these is nobody's mistake
  std::vector<Operator> operators;         ///< empty: all
};

/// Every change that the operators know of to the user's own code, in the order of the IR. Clang's IR before any pass has
/// one instruction for each operation of the source, so that every mutant is one that somebody could have written.
/// Deterministic; all const members may be called from several threads at once.
class Mutants {
public:
  /// Errors: Internal (bitcode that is none).
  static Expected<Mutants> of(const frontend::DeviceModule& module, MutateOptions options = {});

  const std::vector<Mutation>& all() const { return all_; }

  /// The module with this one change, verified. Takes about as long as reading the bitcode.
  /// Errors: Internal (a change that leaves invalid IR; `index` out of range).
  Expected<frontend::DeviceModule> make(std::size_t index) const;

  /// The module, unchanged but for a trap where the change would be: a run that meets no trap (exec.trap) never gets there.
  Expected<frontend::DeviceModule> probe(std::size_t index) const;

  /// The module, unchanged but for a trap where the mutant's value is not the original's, bit for bit: a run that meets no
  /// trap is the mutant's, too. Nothing where there is no value to compare, or the two are never equal: probe() then tells.
  Expected<std::optional<frontend::DeviceModule>> difference(std::size_t index) const;

  /// The module, unchanged but for claims (kv_assert) about these mutants. claimOfSame(i) holds where mutant i has the
  /// original's value whenever it is computed; it is made of integers only. claimOfNever(i): where the mutant makes a
  /// difference, nobody gets.
  Expected<frontend::DeviceModule> claims(std::span<const std::size_t> indices) const;
  static std::string claimOfSame(std::size_t index);
  static std::string claimOfNever(std::size_t index);

  /// Is the optimised code, without names and places, that of the original? Then the mutant is no other program. Where a
  /// value is left out, another that nobody knows stands in for it, so that undefined behaviour is not optimised upon.
  Expected<bool> sameCode(std::size_t index) const;

private:
  frontend::DeviceModule module_;
  MutateOptions options_;
  std::vector<Mutation> all_;
  std::string canonical_; ///< of the original
};

} // namespace kverify::mutate
