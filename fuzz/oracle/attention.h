#pragma once
// Attention, forward, in double precision, with the error a correct kernel may make.
//
//   s_ij = cap(scale q_i . k_j) + alibi_ij + bias_ij,   cap(x) = softcap tanh(x / softcap), or x
//   p_ij = exp(s_ij - m_i) / l_i,   O_i = sum_j p_ij v_j,   LSE_i = m_i + log l_i
//
// over the keys j that query i sees: a range, by causal mask, window and length. A row that sees no key has O = 0 and
// LSE = -inf, or what the contract's option says.
#include <cstdint>
#include <limits>
#include <span>

#include <Eigen/Core>

#include "fuzz/oracle/masked_row.h"
#include "fuzz/oracle/rounding.h"

namespace kverify::oracle {

enum class Causal {
  None,        ///< positions are aligned as with BottomRight; every key is seen
  BottomRight, ///< query i stands at key i + nk - nq: the last query sees all
  TopLeft,     ///< query i stands at key i
};

enum class Alibi {
  Distance, ///< -slope |position of the query - j|
  Column,   ///< slope j: the same under a causal softmax, but not in LSE
};

/// The keys first .. end-1.
struct KeyRange {
  std::int64_t first = 0, end = 0;
  std::int64_t count() const { return end - first; }
};

/// How scores are made and masked; the same for all heads.
struct Scoring {
  double scale = 1;
  Causal causal = Causal::None;
  std::int64_t left = -1, right = -1; ///< keys seen before and after the query's own position; -1: all
  double softcap = 0;                 ///< 0: none
  Alibi alibi = Alibi::Distance;
  MaskedRow masked_row = MaskedRow::Zero;
  double masked_lse = -std::numeric_limits<double>::infinity();
  KeyRange only{0, std::numeric_limits<std::int64_t>::max()}; ///< one split's keys
};

/// The keys that a query sees; an empty range is [0, 0).
KeyRange visibleKeys(const Scoring& scoring, std::int64_t nq, std::int64_t nk, std::int64_t query);

/// One batch entry and query head, dense and row-major.
struct HeadProblem {
  std::int64_t nq = 1, nk = 1, d = 1, dv = 1;
  std::span<const double> q, k, v; ///< [nq, d], [nk, d], [nk, dv]
  double slope = 0;                ///< of ALiBi
  std::span<const double> bias;    ///< [nq, nk], or empty
};

/// Where a head's results go: [nq, dv] and [nq].
struct HeadResult {
  std::span<double> out, out_bound, out_tight, lse, lse_bound;
};

/// Scores of some rows of a head over all its keys, before the shift, and their absolute errors.
struct ScoreBlock {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Matrix value, error;
  Matrix capped;    ///< tanh(scale q.k / softcap) where there is a softcap, else empty
  Matrix magnitude; ///< |q|.|k|, or that times the scale where it is above 1

  /// Is some |q|.|k| of these keys beyond the accumulator's range, so that a correct kernel's score may be infinite?
  bool mayOverflow(Eigen::Index row, KeyRange keys, double largest) const;
};
ScoreBlock scoreRows(const HeadProblem& head, const Scoring& scoring, const Rounding& rounding, std::int64_t first,
                     std::int64_t count);

/// The bound on O, per element c of a row (Higham ch. 3 for the dot products, Blanchard, Higham and Higham
/// 2021 for the shifted softmax), n the keys that the row sees:
///
///   |dO_c| <= e^(2 rho_max) sum_j p_j rho_j (|v_jc| + |O_c|)      scores, exponential, denominator
///             + u_P max(A_c, D_c) + 2 gamma A_c                   rounding of P; both sums
///             + eta_P sum_j |v_jc| / l + n eta_pv                 underflow of P and of the products
///             + u_out |O_c| (1 + u_P) + eta_out
///
///   A_c = sum_j p_j |v_jc|,  D_c = sum_j p_j |v_jc - O_c|,  gamma = (n + 4T + 4) u_acc
///   rho_j = ds_j + 2^-23 (|s_j| + 2 |m|) + eps_exp + slope |s_j - m|
///   ds_j = (d + 2) u_qk |scale| |q|.|k_j|                         the dot product, times the scale
///          + |scale| (u_kv |q|.|k_j| + eta_kv sum_i |q_i|)        keys rounded on the way, see below
///          + 2^-21 softcap (fast: 2^-10 softcap |tanh|)           |cap'| <= 1; tanhf or the formula by exp,
///          tanh.approx
///          + 2^-22 (|alibi_j| + |bias_j|)                         their product and the additions
///
/// Keys and values that are stored in 8 bits are what the scales make of them, k = s stored, exactly. A kernel rounds
/// once more for each of the two, wherever it applies the scale (to each element, to q, to the score, to the output):
/// u_kv is 2^-23 then, plus the unit roundoff of a declared type that the products are rounded to (precision.kv: vLLM
/// dequantises to the query's type). Of values that adds u_kv A_c + eta_kv, and every |v_jc| of the first three lines is
/// (1 + u_kv) times as large. Where a key or value is beyond that type, the head is open.
///
/// D_c covers kernels that sum the denominator from the rounded P (the rounding errors then meet v_j - O). The factor
/// e^(2 rho_max) makes the first-order term safe: perturbing every score by at most rho moves p_j by a factor of at
/// most e^(2 rho). The tight tier has 6 u_P / sqrt(3) sqrt(sum p^2 v^2) where the bound has u_P max(A_c, D_c): six
/// standard deviations of independent roundings.
///
/// The bound on LSE: e^(2 rho_max) sum_j p_j rho_j + gamma_l + 2^-22 |log l| + 4 u (|m| + |LSE|) + u_lse |LSE| + eta.
///
/// Not a number: a visible score of NaN or +inf makes the row NaN, as IEEE arithmetic does; -inf is a key without
/// weight, and all -inf a masked row; an infinite v makes its channel infinite where its p is above 2^-100, and leaves
/// it open below. Where |q|.|k| or sum |v| is beyond the accumulator's range, the row is open (a NaN with an infinite
/// bound: every value agrees).
void attentionHead(const HeadProblem& head, const Scoring& scoring, const Rounding& rounding, const HeadResult& result);

/// All heads of dense tensors, row-major, in the order of the spec's axes.
struct AttentionProblem {
  std::int64_t b = 1, h = 1, hk = 1, nq = 1, nk = 1, d = 1, dv = 1; ///< h is a multiple of hk
  std::span<const double> q;                                        ///< [b, h, nq, d]
  std::span<const double> k; ///< [b, hk, nk, d]; query head x uses key head x / (h / hk)
  std::span<const double> v; ///< [b, hk, nk, dv]
  Scoring scoring;
  std::span<const double> slopes;        ///< [b, h], or empty
  std::span<const double> bias;          ///< [b, h, nq, nk], or empty
  std::span<const std::int64_t> lengths; ///< [b]: keys in use, of nk; or empty: all
};

struct AttentionReference {
  Reference out; ///< [b, h, nq, dv]
  Reference lse; ///< [b, h, nq]
};

AttentionReference attentionForward(const AttentionProblem& problem, const Rounding& rounding);

/// Room for results of this many rows, everything open; heads are written into it with at().
struct AttentionRows {
  AttentionRows(std::int64_t rows, std::int64_t dv);
  /// The rows first .. first + nq - 1.
  HeadResult at(std::int64_t first, std::int64_t nq);
  AttentionReference finish() &&;

  std::int64_t dv;
  AttentionReference reference;
};

} // namespace kverify::oracle
