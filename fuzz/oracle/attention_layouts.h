#pragma once
// Attention whose keys are not one dense block for every batch entry: packed sequences, pages, split states.
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/oracle/attention.h"

namespace kverify::oracle {

/// Sequences packed one after another: sequence s has the queries offsets_q[s] .. offsets_q[s+1]-1 and the keys
/// offsets_k[s] .. offsets_k[s+1]-1. The result is that of attention over each sequence alone; queries outside every
/// sequence are open.
struct VarlenProblem {
  std::int64_t h = 1, hk = 1, tq = 1, tk = 1, d = 1, dv = 1;
  std::span<const double> q, k, v;                    ///< [tq, h, d], [tk, hk, d], [tk, hk, dv]
  std::span<const std::int64_t> offsets_q, offsets_k; ///< [sequences + 1], not decreasing, within tq and tk
  Scoring scoring;
  std::span<const double> slopes; ///< [h], or empty
};
/// out [tq, h, dv], lse [h, tq]. The bound is attentionHead's.
AttentionReference attentionVarlen(const VarlenProblem& problem, const Rounding& rounding);

/// A cache in pages: key j of batch entry i is row j % page of the page table[i, j / page].
struct PagedProblem {
  std::int64_t b = 1, h = 1, hk = 1, nq = 1, pages = 1, page = 1, blocks = 1, d = 1, dv = 1;
  std::span<const double> q;             ///< [b, h, nq, d]
  std::span<const double> k, v;          ///< [pages, page, hk, d], [pages, page, hk, dv]
  std::span<const std::int64_t> table;   ///< [b, blocks], pages
  std::span<const std::int64_t> lengths; ///< [b], keys in use: at most blocks * page
  Scoring scoring;
  std::span<const double> slopes; ///< [b, h], or empty
};
/// out [b, h, nq, dv], lse [b, h, nq]. The bound is attentionHead's.
AttentionReference attentionPaged(const PagedProblem& problem, const Rounding& rounding);

/// The states of a split: split s is attention over the keys s * size .. (s + 1) * size - 1 that a query sees, with O
/// normalised by the split's own denominator. out [splits, b, h, nq, dv], lse [splits, b, h, nq]. Masks are aligned as
/// in the whole problem. The bound is attentionHead's over the split's keys.
AttentionReference attentionSplit(const AttentionProblem& problem, std::int64_t splits, std::int64_t size,
                                  const Rounding& rounding);

/// O = sum_s w_s O_s with w_s = exp(LSE_s - LSE), LSE = log sum_s exp(LSE_s).
struct MergeProblem {
  std::int64_t splits = 1, rows = 1, dv = 1;
  std::span<const double> out; ///< [splits, rows, dv]; of a split with LSE = -inf it is not read
  std::span<const double> lse; ///< [splits, rows]
  MaskedRow masked_row = MaskedRow::Zero;
  double masked_lse = -std::numeric_limits<double>::infinity();
};
/// out [rows, dv], lse [rows]. Attention's bound with the splits for keys and LSE_s for scores, ds_j = 2^-22 |LSE_j|:
/// the merge is a softmax over the splits (Blanchard, Higham and Higham 2021), with P in the accumulator's precision.
AttentionReference attentionMerge(const MergeProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
