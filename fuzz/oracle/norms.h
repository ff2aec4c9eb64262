#pragma once
// Layer norm and RMS norm, forward and backward, in double precision, with the error a correct kernel may make.
#include <cstdint>
#include <span>

#include "fuzz/oracle/bounded.h"

namespace kverify::oracle {

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

/// The rows' mean and r with the errors above, [rows, 1] each: what layerNorm's kernels save for their backward pass.
struct RowStatistics {
  Bounded mean, rstd;
};
RowStatistics layerStatistics(std::span<const double> x, std::int64_t rows, std::int64_t n, double eps,
                              const Rounding& rounding);

struct RmsNormProblem {
  std::int64_t rows = 1, n = 1;
  std::span<const double> x;      ///< [rows, n]
  std::span<const double> weight; ///< [n], or empty: 1
  double eps = 1e-5;
  double weight_offset = 0; ///< 1 where a stored weight w stands for 1 + w
};

struct RmsNormReference {
  Bounded y;    ///< [rows, n]
  Bounded rstd; ///< [rows, 1]
};

/// y_i = x_i r (w_i + offset), r = 1 / sqrt(mean x^2 + eps). Nothing cancels: with g = (n + 4) u for the sum of squares
/// (Higham eq. 3.5), running error analysis (Higham section 3.3; fuzz/oracle/bounded.h) gives
///   |dr| <= r (g / 2 + 5u) to first order,   |dy_i| <= |y_i| (g / 2 + 8u) + u_out |y_i| + eta_out.
RmsNormReference rmsNorm(const RmsNormProblem& problem, const Rounding& rounding);

/// Backward passes. mean and rstd are the saved statistics where the kernel gets them, else empty: it computes them
/// again from x, with the forward pass's errors.
struct NormBackwardProblem {
  std::int64_t rows = 1, n = 1;
  std::span<const double> x, dy;      ///< [rows, n]
  std::span<const double> weight;     ///< [n], or empty: 1
  std::span<const double> mean, rstd; ///< [rows], or empty
  double eps = 1e-5;
  double weight_offset = 0;
};
struct NormGradients {
  Bounded dx;            ///< [rows, n]
  Bounded dgamma, dbeta; ///< [1, n]; RMS norm has no dbeta
};

/// With xhat = (x - mean) r and g = dy gamma:
///   dx = r (g - mean(g) - xhat mean(g xhat)),   dgamma = sum_rows dy xhat,   dbeta = sum_rows dy
/// (J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer Normalization", 2016, differentiated). The bound is a running error
/// analysis of these formulas: gamma = (n + 4) u for the two means, (rows + 4) u for the sums over rows, one rounding
/// for every other operation.
NormGradients layerNormBackward(const NormBackwardProblem& problem, const Rounding& rounding);

/// With xhat = x r and g = dy (w + offset):  dx = r (g - xhat mean(g xhat)),  dgamma = sum_rows dy xhat.
NormGradients rmsNormBackward(const NormBackwardProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
