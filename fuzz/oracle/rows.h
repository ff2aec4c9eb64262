#pragma once
// Operations on independent rows, in double precision, with the error a correct kernel may make.
#include <cstdint>
#include <span>

#include "fuzz/oracle/rounding.h"

namespace kverify::oracle {

struct SoftmaxProblem {
  std::int64_t rows = 1, n = 1;
  std::span<const double> x; ///< [rows, n]
  double scale = 1;          ///< x is multiplied by it first
};

/// y_i = exp(s_i - m) / l with s = scale x. The bound follows Blanchard, Higham and Higham 2021, section 4 (the shifted
/// softmax): the relative error of each exponential is r_j = 2^-23 (|s_j| + 2 |m|) + eps_exp + slope |s_j - m|
/// (rounding of the product by the scale and of the shift, then the function's own), that of the denominator the
/// p-weighted mean of them and gamma = (n + 4T + 4) u for the sum, and the division adds 2u:
///
///   |dy_i| <= y_i e^(2 r_max) (r_i + sum_j y_j r_j) + y_i (gamma + 2u) + (1 + y_i n) eta_exp / l + u_out y_i + eta_out
Reference softmax(const SoftmaxProblem& problem, const Rounding& rounding);

struct LayerNormProblem {
  std::int64_t rows = 1, n = 1;
  std::span<const double> x;     ///< [rows, n]
  std::span<const double> gamma; ///< [n], or empty: 1
  std::span<const double> beta;  ///< [n], or empty: 0
  double eps = 1e-5;
};

/// y_i = (x_i - mean) r gamma_i + beta_i with r = 1 / sqrt(variance + eps), the population variance.
///
/// With g = (n + 4) u for the sums (Higham eq. 3.5; a tree or the declared chain only makes it smaller):
///   |dmean| <= g mean|x| + 2u |mean|
///   |dvariance|, by the declared method (Chan, Golub and LeVeque, "Algorithms for computing the sample variance",
///   The American Statistician 37(3), 1983; Higham section 1.9), kappa^2 = mean(x^2) / variance:
///     two-pass   (g + 4u) variance + dmean^2
///     Welford    2 g kappa variance + g variance           (their bound n u kappa, with 2 for the two updates)
///     one-pass   g (mean(x^2) + mean^2) + 2 |mean| dmean + dmean^2
///   |dr| from the interval variance + eps +- dvariance, exactly, plus 4u r (rsqrt or sqrt and division, 2 ulp each)
///   |dy_i| <= |gamma_i| (|x_i - mean| |dr| + (r + |dr|)(|dmean| + u |x_i - mean|)) + 4u |gamma_i (x_i - mean) r|
///             + u (|y_i| + |beta_i|) + u_out |y_i| + eta_out
/// Where dvariance reaches variance + eps the data say nothing about r: the bound is infinite there.
Reference layerNorm(const LayerNormProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
