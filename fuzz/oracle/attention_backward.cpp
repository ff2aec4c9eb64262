#include "fuzz/oracle/attention_backward.h"

#include <cmath>

#include "fuzz/oracle/bounded.h"

namespace kverify::oracle {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// One query head's share of the gradients.
struct HeadGradients {
  Bounded dq, dk, dv; ///< [nq, d], [nk, d], [nk, dv]; dk and dv before the sum over the group
};

struct HeadOperands {
  HeadProblem head;
  std::span<const double> out, lse, dout;
};

struct Weights {
  Bounded p;
  Array is_seen; ///< 1 where the query sees the key, else 0
};

/// exp(s - LSE) where the key is seen, else 0.
Weights probabilities(const HeadOperands& a, const Scoring& scoring, const Rounding& r, const ScoreBlock& block) {
  Bounded shifted{block.value.array(), block.error.array()};
  for (std::int64_t i = 0; i < a.head.nq; ++i) {
    const double lse = a.lse[static_cast<std::size_t>(i)];
    const KeyRange keys = visibleKeys(scoring, a.head.nq, a.head.nk, i);
    const bool may_overflow = block.mayOverflow(i, keys, r.qk_largest);
    for (std::int64_t j = 0; j < a.head.nk; ++j) {
      const double s = block.value(i, j);
      const bool is_seen = j >= keys.first && j < keys.end && !std::isinf(lse) && s != -kInfinity;
      shifted.value(i, j) = is_seen ? s - lse : -kInfinity;
      shifted.error(i, j) = is_seen ? block.error(i, j) + 0x1p-22 * (std::fabs(s) + std::fabs(lse)) : 0;
      if (is_seen && may_overflow)
        shifted.error(i, j) = kInfinity;
    }
  }
  Weights weights{exponential(shifted, r), (shifted.value != -kInfinity).cast<double>()};
  // Masked keys have no weight at all, not even an underflow's.
  weights.p.error = (weights.is_seen == 0).select(0.0, weights.p.error).eval();
  return weights;
}

/// left [m, k] times right [k, n] over the pairs that are seen: a kernel skips what a mask hides, and what the other
/// side holds there, which may be a NaN, is nobody's. IEEE's 0 * NaN would be one.
Bounded seenProduct(Bounded left, const Array& seen, const Bounded& right, double gamma, double eta, double largest) {
  left.value = (seen > 0).select(left.value, 0.0).eval();
  left.error = (seen > 0).select(left.error, 0.0).eval();
  if (right.value.isFinite().all())
    return matrixProduct(left, right, gamma, eta, largest);
  const Bounded finite{right.value.isFinite().select(right.value, 0.0), right.error};
  Bounded product = matrixProduct(left, finite, gamma, eta, largest);
  for (Eigen::Index k = 0; k < right.rows(); ++k)
    for (Eigen::Index n = 0; n < right.cols(); ++n)
      for (Eigen::Index m = 0; !std::isfinite(right.value(k, n)) && m < left.rows(); ++m)
        if (seen(m, k) > 0) {
          product.value(m, n) += left.value(m, k) * right.value(k, n);
          product.error(m, n) = kInfinity;
        }
  return product;
}

HeadGradients headGradients(const HeadOperands& a, const Scoring& scoring, const Rounding& r, std::int64_t group) {
  const HeadProblem& head = a.head;
  const ScoreBlock block = scoreRows(head, scoring, r, 0, head.nq);
  const Step step{r.sum_unit, r.sum_eta};
  const auto [p, is_seen] = probabilities(a, scoring, r, block);
  const Array is_seen_by = is_seen.transpose();
  const Bounded dout = exact(a.dout, head.nq, head.dv), v = exact(head.v, head.nk, head.dv),
                k = exact(head.k, head.nk, head.d), q = exact(head.q, head.nq, head.d);
  const double eta = r.pv_eta;
  const Bounded dp =
      matrixProduct(dout, transposed(v), r.gamma(head.dv, r.qk_unit) + 2 * r.qk_operand, eta, r.qk_largest);
  const Bounded delta =
      rowSums(multiply(dout, exact(a.out, head.nq, head.dv), {0, step.eta}), r.gamma(head.dv, r.sum_unit), step.eta);
  Bounded ds = multiply(p, subtract(dp, delta, step), step);
  if (scoring.softcap > 0) {
    const Array& t = block.capped.array();
    // d/dx (1 - tanh^2) is at most 0.77 in size; the capped score's own error is ds.error / softcap.
    const Bounded slope{1 - t.square(), block.error.array() * (2 / scoring.softcap) + 0x1p-21};
    ds = multiply(ds, slope, step);
  }
  ds = scale(ds, scoring.scale, step);
  const Step to_p{r.p_unit, r.p_eta * std::max(1.0, std::fabs(scoring.scale))};
  const Bounded p_low = rounded(p, to_p), ds_low = rounded(ds, to_p);
  const double over_keys = r.gamma(head.nk, r.pv_unit) + 2 * r.pv_operand,
               over_queries = r.gamma(head.nq * group, r.pv_unit) + 2 * r.pv_operand;
  return {seenProduct(ds_low, is_seen, k, over_keys, eta, r.pv_largest),
          seenProduct(transposed(ds_low), is_seen_by, q, over_queries, eta, r.pv_largest),
          seenProduct(transposed(p_low), is_seen_by, dout, over_queries, eta, r.pv_largest)};
}

void accumulate(Bounded& sum, const Bounded& part) {
  if (sum.value.size() == 0) {
    sum = part;
    return;
  }
  sum.value += part.value;
  sum.error += part.error;
}

void store(const Bounded& result, const Rounding& rounding, std::int64_t at, Reference& to) {
  const Reference part = referenceOf(result, rounding);
  std::copy(part.value.begin(), part.value.end(), to.value.begin() + at);
  std::copy(part.bound.begin(), part.bound.end(), to.bound.begin() + at);
}

Reference room(std::int64_t elements) {
  const auto size = static_cast<std::size_t>(elements);
  return {std::vector<double>(size), std::vector<double>(size), {}};
}

} // namespace

AttentionGradients attentionBackward(const AttentionBackwardProblem& problem, const Rounding& dq_rounding,
                                     const Rounding& dk_rounding, const Rounding& dv_rounding) {
  const AttentionProblem& a = problem.forward;
  AttentionGradients result{room(a.b * a.h * a.nq * a.d), room(a.b * a.hk * a.nk * a.d),
                            room(a.b * a.hk * a.nk * a.dv)};
  auto part = [](std::span<const double> all, std::int64_t index, std::int64_t size) {
    return all.subspan(static_cast<std::size_t>(index * size), static_cast<std::size_t>(size));
  };
  const std::int64_t group = a.h / a.hk;
  for (std::int64_t key_head = 0; key_head < a.b * a.hk; ++key_head) {
    Bounded dk, dv;
    for (std::int64_t member = 0; member < group; ++member) {
      const std::int64_t index = key_head * group + member;
      HeadOperands head{{a.nq, a.nk, a.d, a.dv, part(a.q, index, a.nq * a.d), part(a.k, key_head, a.nk * a.d),
                         part(a.v, key_head, a.nk * a.dv),
                         a.slopes.empty() ? 0 : a.slopes[static_cast<std::size_t>(index)],
                         a.bias.empty() ? std::span<const double>() : part(a.bias, index, a.nq * a.nk)},
                        part(problem.out, index, a.nq * a.dv),
                        part(problem.lse, index, a.nq),
                        part(problem.dout, index, a.nq * a.dv)};
      const HeadGradients gradients = headGradients(head, a.scoring, dq_rounding, group);
      store(gradients.dq, dq_rounding, index * a.nq * a.d, result.dq);
      accumulate(dk, gradients.dk);
      accumulate(dv, gradients.dv);
    }
    store(dk, dk_rounding, key_head * a.nk * a.d, result.dk);
    store(dv, dv_rounding, key_head * a.nk * a.dv, result.dv);
  }
  for (Reference* reference : {&result.dq, &result.dk, &result.dv})
    reference->tight = reference->bound;
  return result;
}

} // namespace kverify::oracle
