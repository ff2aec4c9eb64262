// Attention over packed sequences, pages and splits, and the merge of splits, in the field.
#include "fuzz/judge/operations/attention.h"
#include "fuzz/shadow/field_attention.h"

namespace kverify::shadow {

using namespace simt::shadow;

void attentionVarlenInField(FieldCase& one) {
  const FieldScores scores(one);
  const std::int64_t tq = one.run.axis("tq"), tk = one.run.axis("tk"), heads = one.run.axis("h"),
                     hk = one.run.axis("hk"), d = one.run.axis("d"), dv = one.run.axis("dv");
  const FieldValues q = one.operand("Q"), k = one.operand("K"), v = one.operand("V"),
                    slopes = one.operand("alibi_slopes");
  const std::vector<double> q_concrete = one.run.input("Q");
  const auto offsets_q = one.run.integers("cu_seqlens_q", 0, tq), offsets_k = one.run.integers("cu_seqlens_k", 0, tk);
  if (one.run.error())
    return;
  // Nothing is asked of queries outside every sequence.
  FieldValues o(static_cast<std::size_t>(tq * heads * dv), open()), lse(static_cast<std::size_t>(heads * tq), open());
  for (std::size_t s = 0; s + 1 < offsets_q.size(); ++s)
    for (std::int64_t h = 0; h < heads; ++h) {
      const std::int64_t first_q = offsets_q[s], first_k = offsets_k[s], kh = h / (heads / hk);
      FieldHead head;
      head.d = d;
      head.dv = dv;
      head.q = rowsOf(q, (first_q * heads + h) * d, offsets_q[s + 1] - first_q, heads * d);
      head.q_concrete = rowsOf(q_concrete, (first_q * heads + h) * d, offsets_q[s + 1] - first_q, heads * d);
      head.k = rowsOf(k, (first_k * hk + kh) * d, offsets_k[s + 1] - first_k, hk * d);
      head.v = rowsOf(v, (first_k * hk + kh) * dv, offsets_k[s + 1] - first_k, hk * dv);
      head.slope = slopes.empty() ? nullptr : &slopes[static_cast<std::size_t>(h)];
      for (std::int64_t i = 0; i < static_cast<std::int64_t>(head.q.size()); ++i) {
        FieldValues row, row_lse;
        scores.attend(head, i, row, &row_lse);
        std::copy(row.begin(), row.end(), o.begin() + ((first_q + i) * heads + h) * dv);
        lse[static_cast<std::size_t>(h * tq + first_q + i)] = row_lse[0];
      }
    }
  one.out.outputs["O"] = std::move(o);
  one.out.outputs["LSE"] = std::move(lse);
  scores.bound(one, tk);
}

void attentionPagedInField(FieldCase& one) {
  const FieldScores scores(one);
  const std::int64_t batches = one.run.axis("b"), heads = one.run.axis("h"), hk = one.run.axis("hk"),
                     nq = one.run.axis("nq"), pages = one.run.axis("pages"), page = one.run.axis("page"),
                     blocks = one.run.axis("blocks"), d = one.run.axis("d"), dv = one.run.axis("dv");
  const FieldValues q = one.operand("Q"), k = one.operand("K_cache"), v = one.operand("V_cache"),
                    slopes = one.operand("alibi_slopes");
  const std::vector<double> q_concrete = one.run.input("Q");
  const auto table = one.run.integers("block_table", 0, pages - 1);
  const auto lengths = one.run.integers("seqlens_k", 0, blocks * page);
  if (one.run.error())
    return;
  FieldValues &o = one.out.outputs["O"], &lse = one.out.outputs["LSE"];
  for (std::int64_t b = 0; b < batches; ++b)
    for (std::int64_t h = 0; h < heads; ++h) {
      const std::int64_t index = b * heads + h, kh = h / (heads / hk);
      FieldHead head;
      head.d = d;
      head.dv = dv;
      head.q = rowsOf(q, index * nq * d, nq, d);
      head.q_concrete = rowsOf(q_concrete, index * nq * d, nq, d);
      for (std::int64_t j = 0; j < lengths[static_cast<std::size_t>(b)]; ++j) {
        const std::int64_t row = (table[static_cast<std::size_t>(b * blocks + j / page)] * page + j % page) * hk + kh;
        head.k.push_back(k.data() + row * d);
        head.v.push_back(v.data() + row * dv);
      }
      head.slope = slopes.empty() ? nullptr : &slopes[static_cast<std::size_t>(index)];
      for (std::int64_t i = 0; i < nq; ++i)
        scores.attend(head, i, o, &lse);
    }
  scores.bound(one, blocks * page);
}

void attentionSplitInField(FieldCase& one) {
  FieldScores scores(one);
  const FieldDense dense(one);
  const std::int64_t splits = one.run.axis("splits"), size = one.run.integer("split_size");
  if (one.run.error())
    return;
  FieldValues &o = one.out.outputs["O_partial"], &lse = one.out.outputs["LSE_partial"];
  for (std::int64_t s = 0; s < splits; ++s) {
    scores.scoring.only = {s * size, (s + 1) * size};
    for (std::int64_t b = 0; b < dense.b; ++b)
      for (std::int64_t h = 0; h < dense.h; ++h) {
        const FieldHead head = dense.head(b, h);
        for (std::int64_t i = 0; i < dense.nq; ++i)
          scores.attend(head, i, o, &lse);
      }
  }
  scores.bound(one, size);
}

/// A softmax over the splits whose scores are their LSE.
void attentionMergeInField(FieldCase& one) {
  const std::int64_t splits = one.run.axis("splits"), dv = one.run.axis("dv");
  const std::int64_t rows = one.run.axis("b") * one.run.axis("h") * one.run.axis("nq");
  const FieldValues states = one.operand("O_partial"), partial = one.operand("LSE_partial");
  oracle::MaskedRow masked_row = oracle::MaskedRow::Zero;
  double masked_lse = -std::numeric_limits<double>::infinity();
  judge::readMasked(one.run, masked_row, masked_lse);
  if (one.run.error())
    return;
  const FieldArithmetic& f = one.field;
  FieldValues &o = one.out.outputs["O"], &lse = one.out.outputs["LSE"];
  for (std::int64_t row = 0; row < rows; ++row) {
    FieldValue sum;
    FieldValues total(static_cast<std::size_t>(dv));
    bool any = false;
    for (std::int64_t s = 0; s < splits; ++s) {
      const std::int64_t at = s * rows + row;
      if (partial[static_cast<std::size_t>(at)].is(kMinusInfinity))
        continue; // whatever its state holds has no weight
      any = true;
      const FieldValue weight = f.exponential(partial[static_cast<std::size_t>(at)]);
      sum = f.add(sum, weight);
      for (std::int64_t c = 0; c < dv; ++c)
        f.accumulate(total[static_cast<std::size_t>(c)], weight, states[static_cast<std::size_t>(at * dv + c)]);
    }
    const bool asked = any || masked_row == oracle::MaskedRow::Zero;
    const FieldValue inverse = any ? f.inverse(sum) : FieldValue();
    for (const FieldValue& each : total)
      o.push_back(asked ? f.multiply(each, inverse) : open());
    const FieldValue empty = specialValue(masked_lse < 0 ? kMinusInfinity : kPlusInfinity);
    lse.push_back(any ? f.logarithm(sum) : asked ? empty : open());
  }
  one.bound(4 * static_cast<double>(splits), 1);
}

} // namespace kverify::shadow
