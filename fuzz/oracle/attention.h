#pragma once
// Attention, forward, in double precision, with the error a correct kernel may make.
//
//   s_ij = scale q_i . k_j,   p_ij = exp(s_ij - m_i) / l_i,   O_i = sum_j p_ij v_j,   LSE_i = m_i + log l_i
//
// over the keys j < visibleKeys(i): the mask is always a prefix. A row that sees no key has O = 0 and LSE = -inf.
#include <cstdint>
#include <span>

#include "fuzz/oracle/rounding.h"

namespace kverify::oracle {

enum class Causal {
  None,
  BottomRight, ///< query i sees the keys 0 .. i + nk - nq: the last query sees all
  TopLeft,     ///< query i sees the keys 0 .. i
};

/// Dense, row-major, in the order of the spec's axes.
struct AttentionProblem {
  std::int64_t b = 1, h = 1, hk = 1, nq = 1, nk = 1, d = 1, dv = 1; ///< h is a multiple of hk
  std::span<const double> q;                                        ///< [b, h, nq, d]
  std::span<const double> k; ///< [b, hk, nk, d]; query head x uses key head x / (h / hk)
  std::span<const double> v; ///< [b, hk, nk, dv]
  double scale = 1;
  Causal causal = Causal::None;

  std::int64_t visibleKeys(std::int64_t query) const;
};

struct AttentionReference {
  Reference out; ///< [b, h, nq, dv]
  Reference lse; ///< [b, h, nq]; -inf with bound 0 in a row that sees no key
};

/// The bound on O, per element c of a row (NUMERICS; Higham ch. 3 for the dot products, Blanchard, Higham and Higham
/// 2021 for the shifted softmax):
///
///   |dO_c| <= e^(2 rho_max) sum_j p_j rho_j (|v_jc| + |O_c|)      scores, exponential, denominator
///             + u_P max(A_c, D_c) + 2 gamma A_c                   rounding of P; both sums
///             + eta_P sum_j |v_jc| / l + n eta_pv                 underflow of P and of the products
///             + u_out |O_c| (1 + u_P) + eta_out
///
///   A_c = sum_j p_j |v_jc|,  D_c = sum_j p_j |v_jc - O_c|,  gamma = (n + 4T + 4) u_acc
///   rho_j = (d + 2) u_qk |scale| |q|.|k_j| + 2^-23 (|s_j| + 2 |m|) + eps_exp + slope |s_j - m|
///
/// D_c covers kernels that sum the denominator from the rounded P (the rounding errors then meet v_j - O). The factor
/// e^(2 rho_max) makes the first-order term safe: perturbing every score by at most rho moves p_j by a factor of at
/// most e^(2 rho). The tight tier has 6 u_P / sqrt(3) sqrt(sum p^2 v^2) where the bound has u_P max(A_c, D_c): six
/// standard deviations of independent roundings.
///
/// The bound on LSE: e^(2 rho_max) sum_j p_j rho_j + gamma_l + 2^-22 |log l| + 4 u (|m| + |LSE|) + u_lse |LSE| + eta.
AttentionReference attentionForward(const AttentionProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
