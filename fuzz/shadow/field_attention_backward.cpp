// Attention, backward, in the field: dS = P (dP - delta) cap', dV = P^T dO, dQ = scale dS K, dK = scale dS^T Q, with
// P = w^s / sum w^s, dP = dO V^T and delta = dO . O (fuzz/oracle/attention_backward.h).
// O and LSE are given the field's own values of the forward pass: P = exp(s - LSE) is only then a softmax, and kernels
// may compute delta as dO . O or as P . dP.
#include "fuzz/judge/operations/attention.h"
#include "fuzz/shadow/field_attention.h"

namespace kverify::shadow {
namespace {

using namespace simt::shadow;

class Gradients {
public:
  explicit Gradients(FieldCase& one) : one_(one), f_(one.field), scores_(one), dense_(one), dout_(one.operand("dO")) {}

  void run() {
    auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
    dq_.resize(size(dense_.b * dense_.h * dense_.nq * dense_.d));
    dk_.resize(size(dense_.b * dense_.hk * dense_.nk * dense_.d));
    dv_.resize(size(dense_.b * dense_.hk * dense_.nk * dense_.dv));
    for (std::int64_t b = 0; b < dense_.b; ++b)
      for (std::int64_t h = 0; h < dense_.h; ++h) {
        const FieldHead head = dense_.head(b, h);
        for (std::int64_t i = 0; i < dense_.nq; ++i)
          row(head, b * dense_.h + h, b * dense_.hk + h / (dense_.h / dense_.hk), i);
      }
    one_.out.given["O"] = std::move(o_);
    one_.out.given["LSE"] = std::move(lse_);
    one_.out.outputs["dQ"] = std::move(dq_);
    one_.out.outputs["dK"] = std::move(dk_);
    one_.out.outputs["dV"] = std::move(dv_);
    one_.bound(8 * static_cast<double>(dense_.nk), scores_.capped ? 12 : 3); // P (dP - delta): l^2 below the line
  }

private:
  void row(const FieldHead& head, std::int64_t index, std::int64_t key_head, std::int64_t i) {
    const FieldRow weights = scores_.row(head, i);
    scores_.finish(weights, head.v, dense_.dv, o_, &lse_);
    if (weights.isOpen()) {
      one_.out.uncovered = "a score that is no number has no gradient in the field";
      return;
    }
    if (weights.masked) { // it gives nothing, and its O is 0
      for (std::size_t c = o_.size() - static_cast<std::size_t>(dense_.dv); c < o_.size(); ++c)
        o_[c] = FieldValue();
      lse_.back() = specialValue(scores_.scoring.masked_lse < 0 ? kMinusInfinity : kPlusInfinity, kData);
      return;
    }
    const FieldValue* dout = &dout_[static_cast<std::size_t>((index * dense_.nq + i) * dense_.dv)];
    const FieldValue* out = &o_[o_.size() - static_cast<std::size_t>(dense_.dv)];
    FieldValue delta;
    for (std::int64_t c = 0; c < dense_.dv; ++c)
      f_.accumulate(delta, dout[c], out[c]);
    const FieldValue inverse = f_.inverse(weights.sum);
    for (std::int64_t j = weights.seen.first; j < weights.seen.end; ++j)
      pair(head, weights, inverse, dout, delta, {index * dense_.nq + i, key_head * dense_.nk + j, i, j});
  }

  struct Place {
    std::int64_t query, key; ///< rows of dQ, of dK and dV
    std::int64_t i, j;
  };

  void pair(const FieldHead& head, const FieldRow& weights, const FieldValue& inverse, const FieldValue* dout,
            const FieldValue& delta, const Place& at) {
    const FieldValue *q = head.q[static_cast<std::size_t>(at.i)], *k = head.k[static_cast<std::size_t>(at.j)],
                     *v = head.v[static_cast<std::size_t>(at.j)];
    const FieldValue p = f_.multiply(weights.weight(at.j), inverse);
    FieldValue dp;
    for (std::int64_t c = 0; c < dense_.dv; ++c) {
      f_.accumulate(dp, dout[c], v[c]);
      f_.accumulate(dv_[static_cast<std::size_t>(at.key * dense_.dv + c)], p, dout[c]);
    }
    FieldValue ds = f_.multiply(f_.multiply(p, f_.subtract(dp, delta)), scores_.scale);
    if (scores_.capped)
      ds = f_.multiply(ds, weights.slopes[static_cast<std::size_t>(at.j - weights.seen.first)]);
    for (std::int64_t c = 0; c < dense_.d; ++c) {
      f_.accumulate(dq_[static_cast<std::size_t>(at.query * dense_.d + c)], ds, k[c]);
      f_.accumulate(dk_[static_cast<std::size_t>(at.key * dense_.d + c)], ds, q[c]);
    }
  }

  FieldCase& one_;
  const FieldArithmetic& f_;
  FieldScores scores_;
  FieldDense dense_;
  FieldValues dout_, o_, lse_, dq_, dk_, dv_;
};

} // namespace

void attentionBackwardInField(FieldCase& one) {
  Gradients gradients(one);
  if (!one.run.error())
    gradients.run();
}

} // namespace kverify::shadow
