#pragma once
// Integer tensors: block tables, cu_seqlens, permutations.
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/generate/random.h"
#include "kverify/contract.h"

namespace kverify::generate {

/// What one row of an integer tensor may hold at given sizes.
struct RowRule {
  std::int64_t low = 0, high = 63; ///< inclusive
  HoldsDecl::Order order = HoldsDecl::Order::None;
  bool distinct = false;
  std::optional<std::int64_t> first, last;
};

/// The rule of a tensor, with the check that rows of `length` values can keep it.
/// Errors: Input: "'cu' can't hold 5 increasing values in [0, 3]".
Expected<RowRule> rowRule(const TensorDecl& tensor, const Sizes& sizes, std::int64_t length);

/// One row that keeps the rule.
std::vector<std::int64_t> drawRow(const RowRule& rule, std::int64_t length, Random& random);

} // namespace kverify::generate
