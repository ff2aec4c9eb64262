#pragma once
// Softmax and what is made of it, row by row, in double precision, with the error a correct kernel may make.
#include <cstdint>
#include <span>

#include "fuzz/oracle/bounded.h"
#include "fuzz/oracle/masked_row.h"

namespace kverify::oracle {

struct SoftmaxProblem {
  std::int64_t rows = 1, n = 1;
  std::span<const double> x; ///< [rows, n]
  double scale = 1;          ///< x is multiplied by it first
  MaskedRow masked_row = MaskedRow::Any; ///< of softmax: what y holds where all of a row's scores are -inf
};

/// y_i = exp(s_i - m) / l with s = scale x. The bound follows Blanchard, Higham and Higham 2021, section 4 (the shifted
/// softmax): the relative error of each exponential is r_j = 2^-23 (|s_j| + 2 |m|) + eps_exp + slope |s_j - m|
/// (rounding of the product by the scale and of the shift, then the function's own), that of the denominator the
/// p-weighted mean of them and gamma = (n + 4T + 4) u for the sum, and the division adds 2u:
///
///   |dy_i| <= y_i e^(2 r_max) (r_i + sum_j y_j r_j) + y_i (gamma + 2u) + (1 + y_i n) eta_exp / l + u_out y_i + eta_out
///
/// A score of -inf has r_j = 0 and gives 0; one of NaN or +inf leaves its row open.
Reference softmax(const SoftmaxProblem& problem, const Rounding& rounding);

/// y_i = s_i - LSE, LSE = m + log l. Blanchard, Higham and Higham 2021, section 5 (the shifted log-softmax):
///
///   |dy_i| <= e^(2 r_max) sum_j p_j r_j + gamma + 2^-22 |log l| + 2^-23 (2 |s_i| + 4 |m| + 3 |log l| + |y_i|)
///             + n eta_exp / l + u_out |y_i| + eta_out
/// with p the softmax, r_j as above; the last bracket covers (s_i - m) - log l and s_i - (m + log l) alike.
Reference logSoftmax(const SoftmaxProblem& problem, const Rounding& rounding);

/// Losses and gradients of a classifier.
struct CrossEntropyProblem {
  std::int64_t rows = 1, classes = 1;
  std::span<const double> logits;       ///< [rows, classes]
  std::span<const std::int64_t> labels; ///< [rows], in [0, classes) or `ignore`
  std::span<const double> dloss;        ///< [rows], or empty: 1
  std::int64_t ignore = -100;           ///< rows with this label have no loss and no gradient
  double smoothing = 0;                 ///< weight of the uniform distribution
  double gradient_scale = 1;
  enum class Reduction { None, Sum, Mean } reduction = Reduction::None; ///< Mean: over the rows that are not ignored
};
struct CrossEntropyReference {
  Bounded loss, lse; ///< [rows, 1]
  Bounded total;     ///< [1, 1]
  Bounded gradient;  ///< [rows, classes], of the reduced loss, times gradient_scale and dloss
};
/// loss_r = (1 - e) (LSE_r - x_y) + e (LSE_r - mean x),  d/dx_i = f_r (softmax_i - (1 - e) [i = y] - e / classes).
/// Bounds: LSE as in logSoftmax, softmax as in softmax(), and one rounding for each operation after them (running error
/// analysis, fuzz/oracle/bounded.h); the total has gamma(rows) sum |loss|. Not rounded to an output's type yet.
CrossEntropyReference crossEntropy(const CrossEntropyProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
