// Attention, forward, in the field: dense operands.
#include "fuzz/shadow/field_attention.h"

#include "fuzz/judge/operations/attention.h"

namespace kverify::shadow {

using namespace simt::shadow;

FieldScores::FieldScores(FieldCase& one)
    : scoring(judge::scoringOf(one.run)), scale(one.constant(scoring.scale)), capped(scoring.softcap != 0),
      field_(one.field) {
  if (!capped)
    return;
  cap_ = one.constant(scoring.softcap);
  inverse_cap_ = one.field.inverse(cap_);
  one.know(scoring.scale / scoring.softcap, one.field.multiply(scale, inverse_cap_));
}

/// scale q k: an infinity where a channel of the key is one, and all of them agree.
FieldValue FieldScores::product(const FieldHead& head, std::int64_t query, std::int64_t key) const {
  const FieldValue *q = head.q[static_cast<std::size_t>(query)], *k = head.k[static_cast<std::size_t>(key)];
  const double* signs = head.q_concrete[static_cast<std::size_t>(query)];
  FieldValue finite, infinite;
  for (std::int64_t c = 0; c < head.d; ++c) {
    if (isInfinite(q[c]))
      return open();
    if (isInfinite(k[c]))
      infinite = addScores(field_, infinite, timesInfinity(k[c], signs[c] * scoring.scale));
    else
      field_.accumulate(finite, q[c], k[c]);
  }
  return infinite.isSpecial() ? infinite : field_.multiply(finite, scale);
}

FieldValue FieldScores::capScore(const FieldValue& score, FieldValue* slope) const {
  if (score.is(kUnknown))
    return score;
  FieldValue t;
  if (isInfinite(score))
    t = field_.exactly(score.is(kMinusInfinity) == (scoring.softcap > 0) ? -1 : 1);
  else
    t = field_.tanh(field_.multiply(score, inverse_cap_));
  *slope = field_.subtract(field_.exactly(1), field_.multiply(t, t));
  return field_.multiply(cap_, t);
}

FieldValue FieldScores::score(const FieldHead& head, std::int64_t query, std::int64_t key, FieldValue* slope) const {
  FieldValue s = product(head, query, key);
  if (capped)
    s = capScore(s, slope);
  if (head.bias)
    s = addScores(field_, s, head.bias[query * head.bias_stride + key]);
  if (head.slope && !s.isSpecial()) {
    const auto nq = static_cast<std::int64_t>(head.q.size()), nk = static_cast<std::int64_t>(head.k.size());
    const std::int64_t position = scoring.causal == oracle::Causal::TopLeft ? query : query + nk - nq;
    const std::int64_t steps = scoring.alibi == oracle::Alibi::Column ? key : -std::abs(position - key);
    field_.accumulate(s, *head.slope, field_.exactly(static_cast<double>(steps)));
  }
  return s;
}

FieldRow FieldScores::row(const FieldHead& head, std::int64_t query) const {
  FieldRow row;
  row.seen = oracle::visibleKeys(scoring, static_cast<std::int64_t>(head.q.size()),
                                 static_cast<std::int64_t>(head.k.size()), query);
  for (std::int64_t j = row.seen.first; j < row.seen.end; ++j) {
    FieldValue slope;
    row.add(field_, score(head, query, j, &slope));
    if (capped)
      row.slopes.push_back(slope);
  }
  return row;
}

void FieldScores::attend(const FieldHead& head, std::int64_t query, FieldValues& o, FieldValues* lse) const {
  finish(row(head, query), head.v, head.dv, o, lse);
}

void FieldScores::finish(const FieldRow& row, const std::vector<const FieldValue*>& v, std::int64_t dv, FieldValues& o,
                         FieldValues* lse) const {
  if (row.masked || row.isOpen()) {
    const bool asked = scoring.masked_row == oracle::MaskedRow::Zero && !row.isOpen();
    o.insert(o.end(), static_cast<std::size_t>(dv), asked ? FieldValue() : open());
    if (lse)
      lse->push_back(asked ? specialValue(scoring.masked_lse < 0 ? kMinusInfinity : kPlusInfinity) : open());
    return;
  }
  const FieldValue inverse = field_.inverse(row.sum);
  for (std::int64_t c = 0; c < dv; ++c) {
    FieldValue total;
    bool finite = true;
    for (std::int64_t j = row.seen.first; j < row.seen.end; ++j) {
      finite = finite && !v[static_cast<std::size_t>(j)][c].isSpecial();
      field_.accumulate(total, row.weight(j), v[static_cast<std::size_t>(j)][c]);
    }
    o.push_back(finite ? field_.multiply(total, inverse) : open());
  }
  if (lse)
    lse->push_back(field_.logarithm(row.sum));
}

/// A l' - A' l, in which one element of V, chosen, has at most 4 nk terms c w^f: f is of degree 3, under a cap a
/// quotient of sums of two exponentials of that degree.
void FieldScores::bound(FieldCase& one, std::int64_t keys) const {
  one.bound(4 * static_cast<double>(keys), capped ? 12 : 3);
}

FieldDense::FieldDense(const FieldCase& one)
    : b(one.run.axis("b")), h(one.run.axis("h")), hk(one.run.axis("hk")), nq(one.run.axis("nq")),
      nk(one.run.axis("nk")), d(one.run.axis("d")), dv(one.run.axis("dv")), q(one.operand("Q")), k(one.operand("K")),
      v(one.operand("V")), bias(one.operand("bias")), slopes(one.operand("alibi_slopes")),
      q_concrete(one.run.input("Q")), lengths(one.run.integers("seqlens_k", 0, nk)) {}

FieldHead FieldDense::head(std::int64_t batch, std::int64_t query_head) const {
  const std::int64_t index = batch * h + query_head, key_head = batch * hk + query_head / (h / hk);
  const std::int64_t keys = lengths.empty() ? nk : lengths[static_cast<std::size_t>(batch)];
  FieldHead head;
  head.d = d;
  head.dv = dv;
  head.q = rowsOf(q, index * nq * d, nq, d);
  head.q_concrete = rowsOf(q_concrete, index * nq * d, nq, d);
  head.k = rowsOf(k, key_head * nk * d, keys, d);
  head.v = rowsOf(v, key_head * nk * dv, keys, dv);
  if (!slopes.empty())
    head.slope = &slopes[static_cast<std::size_t>(index)];
  if (!bias.empty()) {
    head.bias = bias.data() + index * nq * nk;
    head.bias_stride = nk;
  }
  return head;
}

void attentionInField(FieldCase& one) {
  const FieldScores scores(one);
  const FieldDense dense(one);
  if (one.run.error())
    return;
  FieldValues &o = one.out.outputs["O"], &lse = one.out.outputs["LSE"];
  for (std::int64_t b = 0; b < dense.b; ++b)
    for (std::int64_t h = 0; h < dense.h; ++h) {
      const FieldHead head = dense.head(b, h);
      for (std::int64_t i = 0; i < dense.nq; ++i)
        scores.attend(head, i, o, &lse);
    }
  scores.bound(one, dense.nk);
}

} // namespace kverify::shadow
