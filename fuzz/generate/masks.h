#pragma once
// Scores of -inf, as masks make them: where the contract says (option masked_scores) that the inputs themselves hold
// any.
#include <cstdint>

#include "kverify/contract.h"

namespace kverify::generate {

/// What the contract allows in its inputs.
enum class MaskedScores {
  None,
  Entries, ///< some of a row, never all
  Rows,    ///< all of a row, too
};
MaskedScores maskedScores(const Contract& contract);

/// Is entry `at` of `count` masked? In a row the first half is, or the last half, or every other entry at random, or
/// (Rows) all of them; which, depends on the seed and the row's number. A row of one entry is masked as a whole, or
/// not.
bool isMasked(MaskedScores allowed, std::uint64_t seed, std::uint64_t row, std::int64_t at, std::int64_t count);

} // namespace kverify::generate
