#pragma once
// The constants of rounding that the error bounds are made of.
//
// Sources: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002 (chapters 2 to 4);
// P. Blanchard, D. J. Higham and N. J. Higham, "Accurately computing the log-sum-exp and softmax functions", IMA J.
// Numer. Anal. 41(4), 2021; M. Fasi, N. J. Higham, M. Mikaitis and S. Pranesh, "Numerical behavior of NVIDIA tensor
// cores", PeerJ Comput. Sci. 7:e330, 2021 (tensor cores truncate, hence 2u and no sqrt(n)); CUDA C++ Programming
// Guide, "Mathematical Functions" (errors of expf, __expf, logf, rsqrtf in ulp).
#include <cstdint>
#include <limits>
#include <vector>

#include "kverify/contract.h"

namespace kverify::oracle {

/// A reference and what a correct kernel may differ from it, per element.
struct Reference {
  std::vector<double> value;
  std::vector<double> bound; ///< of the worst case, to first order made safe
  std::vector<double> tight; ///< the same with independent roundings of P; where there is none, equal to `bound`
};

/// Unit roundoff of rounding to nearest: half the distance from 1 to the next number.
double unitRoundoff(Arithmetic type);

/// Relative error of one addition or multiplication in an accumulator of this type; truncation allowed: 2u.
double accumulatorUnit(Arithmetic type);

/// Relative error of each operand that a product of this type makes before it multiplies: tf32 drops 13 bits.
double operandUnit(Arithmetic type);

/// Half the smallest subnormal: the absolute error of rounding a result that underflows.
double underflowUnit(Arithmetic type);

/// Largest finite number.
double largestFinite(Arithmetic type);

/// The error model of one run, derived from a contract's precision.
struct Rounding {
  double qk_unit = 0x1p-23, qk_operand = 0;                       ///< accumulator and operands of the scores
  double p_unit = 0x1p-24, p_eta = 0x1p-150;                      ///< P as it meets V: relative, absolute
  double pv_unit = 0x1p-23, pv_operand = 0, pv_eta = 0x1p-150;    ///< accumulator of P V
  /// Keys and values as they are multiplied, where they are rounded on the way (dequantised, narrowed): relative, absolute,
  /// and what overflows. Attention forward only.
  double kv_unit = 0, kv_eta = 0, kv_largest = std::numeric_limits<double>::infinity();
  double sum_unit = 0x1p-23, sum_operand = 0, sum_eta = 0x1p-150; ///< every other sum
  double exp_error = 0x1p-22, exp_slope = 0; ///< relative error of exp(x): exp_error + exp_slope |x|
  double exp_flush = 0x1p-150;               ///< absolute error of exp where it underflows
  /// Of tanh(x): absolute error tanh_error (tanhf, or the formulas by exp) and tanh_slope |tanh x| (tanh.approx).
  double tanh_error = 0x1p-21, tanh_slope = 0;
  double qk_largest = 0x1.fffffep127, pv_largest = 0x1.fffffep127,
         sum_largest = 0x1.fffffep127; ///< accumulators beyond these overflow
  double out_unit = 0x1p-24, out_eta = 0x1p-150;
  double lse_unit = 0x1p-24, lse_eta = 0x1p-150; ///< attention only
  Precision::Variance variance = Precision::Variance::TwoPass;
  std::int64_t tile = 1;  ///< elements between two rescalings
  std::int64_t chain = 0; ///< longest chain of additions; 0 = all

  /// gamma of a reduction over n elements: (n + 4 T + 4) unit, T = ceil(n / tile) tiles, each with a rescale (an
  /// exponential, a product, an addition), and a final division. Tensor cores truncate: it counts linearly.
  double gamma(std::int64_t n, double unit) const;
  /// The number in front of the unit.
  double operations(std::int64_t n) const;
};

/// `out` is the type of the output tensor; a declared `precision.out` that is coarser wins. `tile` and `chain` are the
/// values of the contract's expressions; 0 where it gives none.
Rounding makeRounding(const Precision& precision, Arithmetic out, std::int64_t tile, std::int64_t chain);

/// The arithmetic that rounds to this tensor type.
Arithmetic arithmeticOf(DType type);

} // namespace kverify::oracle
