#pragma once
// Attention, backward: gradients of Q, K and V from O, LSE and dO.
#include "fuzz/oracle/attention.h"

namespace kverify::oracle {

/// Dense, row-major. O and LSE are the operands that the kernel gets (they carry the forward pass's rounding).
struct AttentionBackwardProblem {
  AttentionProblem forward;
  std::span<const double> out;  ///< [b, h, nq, dv]
  std::span<const double> lse;  ///< [b, h, nq]; a row with -inf or +inf sees no key
  std::span<const double> dout; ///< [b, h, nq, dv]
};

struct AttentionGradients {
  Reference dq, dk, dv; ///< as Q, K and V
};

/// With s and its mask as in the forward pass:
///   P_ij = exp(s_ij - LSE_i),   dP = dO V^T,   delta_i = sum_c dO_ic O_ic,   dS_ij = P_ij (dP_ij - delta_i)
///   dV = P^T dO,   dQ = scale (dS cap') K,   dK = scale (dS cap')^T Q,   cap' = 1 - tanh^2(scale q.k / softcap)
/// with sums over the query heads that share a key head.
/// (T. Dao et al., "FlashAttention", NeurIPS 2022, appendix B.4.)
///
/// The bound is a running error analysis of these formulas (fuzz/oracle/bounded.h; Higham section 3.3):
///   P     e^rho - 1 relative, rho = ds + 2^-22 (|s| + |LSE|) + eps_exp + slope |s - LSE|, ds as in attention.h
///   dP    gamma(dv) |dO| |V|^T in the accumulator of the scores, delta: gamma(dv) sum |dO O|
///   dS    one rounding each of the difference, the product, the scale
///   P, dS are rounded to the declared type of P before they meet dO, K and Q: u_P each, eta_P max(1, |scale|)
///   dV    gamma(N) P^T |dO|, N = queries times the heads of the group; dK the same with |dS|; dQ gamma(nk) |dS| |K|
/// each in the accumulator of P V, and the output's rounding.
AttentionGradients attentionBackward(const AttentionBackwardProblem& problem, const Rounding& dq_rounding,
                                     const Rounding& dk_rounding, const Rounding& dv_rounding);

} // namespace kverify::oracle
