#pragma once
// Reductions of rows, in double precision, with the error a correct kernel may make.
#include <cstdint>
#include <span>

#include "fuzz/oracle/bounded.h"

namespace kverify::oracle {

enum class Reduction { Sum, Mean, Max, Min, SumOfSquares, Norm, LogSumExp, ArgMax, ArgMin };

struct ReductionProblem {
  std::int64_t rows = 1, n = 1;
  std::span<const double> x; ///< [rows, n]
  Reduction operation = Reduction::Sum;
  enum class Ties { First, Any } ties = Ties::First;           ///< which index of equal extremes
  enum class NaNs { Any, Propagate, Ignore } nans = NaNs::Any; ///< of max, min, argmax, argmin
};

struct ReductionReference {
  Reference value; ///< [rows]
  Reference index; ///< [rows], argmax and argmin only; bound 0
};

/// Sums: gamma(n) sum |x| (Higham eq. 4.4, in any order), and one division for the mean. Max, min and their indices are
/// exact. Norm: the root of the sum of squares, half its relative error. LogSumExp: the bound on LSE in attention.h.
/// An index is open (any value agrees) where ties are allowed to fall either way, or where a row has a NaN and `nans`
/// is Any. The empty sum is 0, of an empty row max is -inf, min +inf, and an index open.
ReductionReference reduceRows(const ReductionProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
