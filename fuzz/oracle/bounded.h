#pragma once
// Running error analysis: arrays that carry, beside each exact value, how far the value of a correct kernel may be.
//
// Every operation adds what it makes of its operands' errors to its own rounding, |fl(x) - x| <= u |x| + eta on the
// computed operands (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002, section 3.3;
// with the products of errors kept, so that the result is a bound and not its first order only). Sums and dot products
// have gamma = (n + ...) u in any order of summation (Higham eq. 3.5 and section 4.2).
#include <Eigen/Core>

#include "fuzz/oracle/rounding.h"

namespace kverify::oracle {

using Array = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// |computed - value| <= error, element by element.
struct Bounded {
  Array value, error;

  Eigen::Index rows() const { return value.rows(); }
  Eigen::Index cols() const { return value.cols(); }
};

/// One rounding: relative, and absolute where the result underflows.
struct Step {
  double unit = 0x1p-23, eta = 0x1p-150;
};

/// The roundings of plain arithmetic in this contract: those of its sums.
Step stepOf(const Rounding& rounding);

Bounded exact(Array value);
Bounded exact(std::span<const double> values, std::int64_t rows, std::int64_t columns);
Bounded exact(double value);

/// The value rounded once more, as by a store to a narrower type.
Bounded rounded(Bounded a, Step step);
/// An error added as it is.
Bounded widened(Bounded a, const Array& error);

/// Where a value reaches `largest`, an intermediate result may have overflowed: NaN with an infinite error, which
/// nothing contradicts.
Bounded limited(Bounded a, double largest);

// Shapes agree, or one side has one row, one column or both, which repeats.
Bounded add(const Bounded& a, const Bounded& b, Step step);
Bounded subtract(const Bounded& a, const Bounded& b, Step step);
Bounded multiply(const Bounded& a, const Bounded& b, Step step);
/// Infinite where the divisor's error reaches its value. A division or a reciprocal and a product: 2 roundings of 2
/// ulp.
Bounded divide(const Bounded& a, const Bounded& b, Step step);
Bounded scale(const Bounded& a, double factor, Step step);
Bounded negate(Bounded a);

/// exp: relative error exp_error + exp_slope |x|, and exp_flush where it underflows. exp(-inf) = 0.
Bounded exponential(const Bounded& x, const Rounding& rounding);
/// log of a positive value, 2 ulp near 1 counted absolutely; infinite where the error reaches the value.
Bounded logarithm(const Bounded& x);
/// 1/sqrt(x), 2 ulp and one more rounding; infinite where the error reaches the value.
Bounded reciprocalRoot(const Bounded& x, Step step);

/// a [m, k] times b [k, n], each element with the relative error `gamma` of |a||b| and k eta. Where |a||b| reaches
/// `largest`, the accumulator may overflow: NaN with an infinite error, which nothing contradicts.
Bounded matrixProduct(const Bounded& a, const Bounded& b, double gamma, double eta, double largest);
/// [m, n] to [m, 1].
Bounded rowSums(const Bounded& a, double gamma, double eta);
/// [m, n] to [1, n].
Bounded columnSums(const Bounded& a, double gamma, double eta);
Bounded transposed(const Bounded& a);

/// A function with |f'| <= slope and |f''| <= curvature everywhere: |f(x + e) - f(x)| <= min(slope e, |f'(x)| e +
/// curvature e^2 / 2). `value` and `derivative` are f(x) and f'(x).
Bounded smooth(const Bounded& x, Array value, const Array& derivative, double slope, double curvature);

/// Rounded to the output's type, in row-major order.
Reference referenceOf(const Bounded& result, const Rounding& rounding);

} // namespace kverify::oracle
