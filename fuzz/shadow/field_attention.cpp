// Attention, forward, in the field:  O_ic = sum_j w^(s_ij) v_jc / sum_j w^(s_ij),  LSE_i = log sum_j w^(s_ij).
// No maximum is needed. Masks are those of the oracle (fuzz/oracle/attention.h).
#include "fuzz/judge/operations/attention.h"
#include "fuzz/shadow/field_spec.h"

namespace kverify::shadow {
namespace {

class Evaluation {
public:
  explicit Evaluation(const FieldCase& one)
      : one_(one), dense_(one.run), exp_(one.seed), q_(one.operand("Q")), k_(one.operand("K")), v_(one.operand("V")),
        bias_(one.operand("bias")), slopes_(one.operand("alibi_slopes")) {
    scale_ = constantOf(dense_.problem.scoring.scale, one.seed, out.known);
  }

  FieldSpec run() {
    const auto& p = dense_.problem;
    std::vector<Words> lse;
    std::vector<Words>& o = out.outputs["O"];
    for (std::int64_t b = 0; b < p.b; ++b)
      for (std::int64_t h = 0; h < p.h; ++h)
        for (std::int64_t i = 0; i < p.nq; ++i)
          row(b, h, i, o, lse);
    if (one_.run.has("LSE"))
      out.outputs["LSE"] = std::move(lse);
    out.escape_probability = escape();
    return std::move(out);
  }

  FieldSpec out;

private:
  void row(std::int64_t b, std::int64_t h, std::int64_t i, std::vector<Words>& o, std::vector<Words>& lse) {
    const auto& p = dense_.problem;
    const std::int64_t keys = p.lengths.empty() ? p.nk : p.lengths[static_cast<std::size_t>(b)];
    const oracle::KeyRange seen = oracle::visibleKeys(p.scoring, p.nq, keys, i);
    if (seen.count() == 0 && p.scoring.masked_row != oracle::MaskedRow::Zero) {
      const Words open{{0, 0, simt::shadow::specialTag(simt::shadow::kUnknown)}};
      o.insert(o.end(), static_cast<std::size_t>(p.dv), open);
      lse.push_back(open);
      return;
    }
    const std::int64_t key_head = b * p.hk + h / (p.h / p.hk);
    std::vector<Word> weights;
    Word sum = 0;
    for (std::int64_t j = seen.first; j < seen.end; ++j) {
      weights.push_back(exp_(score(b, h, i, key_head, j, keys)));
      sum = ModP::add(sum, weights.back());
    }
    Word inverse = ModP::inverse(sum);
    for (std::int64_t c = 0; c < p.dv; ++c) {
      Word total = 0;
      for (std::int64_t j = seen.first; j < seen.end; ++j)
        total = ModP::add(total, ModP::mul(weights[static_cast<std::size_t>(j - seen.first)],
                                           v_[static_cast<std::size_t>((key_head * p.nk + j) * p.dv + c)].w[0]));
      o.push_back({{ModP::mul(total, inverse), 0, simt::shadow::kNoQ}});
    }
    lse.push_back(seen.count() > 0
                      ? Words{{sum, 0, simt::shadow::specialTag(simt::shadow::kLogarithm)}}
                      : Words{{0, 0, simt::shadow::specialTag(p.scoring.masked_lse < 0 ? simt::shadow::kMinusInfinity
                                                                                       : simt::shadow::kPlusInfinity)}});
  }

  Word score(std::int64_t b, std::int64_t h, std::int64_t i, std::int64_t key_head, std::int64_t j, std::int64_t keys) {
    const auto& p = dense_.problem;
    Word dot = 0;
    for (std::int64_t c = 0; c < p.d; ++c)
      dot = ModQ::add(dot, ModQ::mul(q_[static_cast<std::size_t>(((b * p.h + h) * p.nq + i) * p.d + c)].w[1],
                                     k_[static_cast<std::size_t>((key_head * p.nk + j) * p.d + c)].w[1]));
    Word s = ModQ::mul(dot, scale_.w[1]);
    if (!bias_.empty())
      s = ModQ::add(s, bias_[static_cast<std::size_t>(((b * p.h + h) * p.nq + i) * p.nk + j)].w[1]);
    if (!slopes_.empty()) {
      const std::int64_t position = p.scoring.causal == oracle::Causal::TopLeft ? i : i + keys - p.nq;
      const std::int64_t steps =
          p.scoring.alibi == oracle::Alibi::Column ? j : -std::abs(position - j);
      const Word slope = slopes_[static_cast<std::size_t>(b * p.h + h)].w[1];
      s = ModQ::add(s, ModQ::mul(slope, simt::shadow::exactly(static_cast<double>(steps)).w[1]));
    }
    return s;
  }

  /// A l' - A' l has at most T = (2 nk)^2 terms c w^f, c linear in V, f of degree 3: two exponents coincide with
  /// probability 3 / q a pair, and what is left vanishes with 2 / q.
  double escape() const {
    const double keys = 2 * static_cast<double>(dense_.problem.nk), terms = keys * keys;
    return std::min(1.0, (3 * terms * terms / 2 + 2) / static_cast<double>(simt::shadow::kQ));
  }

  const FieldCase& one_;
  judge::DenseAttention dense_;
  FieldExponential exp_;
  std::vector<Words> q_, k_, v_, bias_, slopes_;
  Words scale_;
};

} // namespace

FieldSpec attentionInField(const FieldCase& one) {
  Evaluation evaluation(one);
  if (one.run.error())
    return {.uncovered = one.run.error()->message};
  if (one.run.real("softcap") != 0)
    return {.uncovered = "softcap puts an exponential inside the exponent, which the field does not have"};
  return evaluation.run();
}

} // namespace kverify::shadow
