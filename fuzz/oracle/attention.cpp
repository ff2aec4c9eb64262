#include "fuzz/oracle/attention.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kverify::oracle {
namespace {

using Matrix = ScoreBlock::Matrix;
using Row = Eigen::RowVectorXd;
using ConstMap = Eigen::Map<const Matrix>;
using RowMap = Eigen::Map<Row>;

constexpr double kF32Unit = 0x1p-23;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kRowsAtOnce = 16; ///< keeps the score block small where there are many keys

/// What all rows of a head share.
struct Values {
  ConstMap v;
  Matrix abs_v, square_v;
  Matrix sum_abs_v; ///< row j: sum of |v| over the keys 0 .. j-1, finite ones only
  bool is_finite;

  explicit Values(const HeadProblem& head) : v(head.v.data(), head.nk, head.dv) {
    abs_v = v.cwiseAbs();
    square_v = v.cwiseAbs2();
    is_finite = v.allFinite();
    sum_abs_v = Matrix::Zero(head.nk + 1, head.dv);
    for (std::int64_t j = 0; j < head.nk; ++j)
      sum_abs_v.row(j + 1) =
          sum_abs_v.row(j) + abs_v.row(j).unaryExpr([](double x) { return std::isfinite(x) ? x : 0.0; });
  }
};

/// Can all of these be rounded to a type of this largest number? What is infinite or NaN already stays that.
bool isBelow(std::span<const double> values, double largest) {
  return std::none_of(values.begin(), values.end(),
                      [&](double x) { return std::fabs(x) >= largest && std::isfinite(x); });
}

/// Where a row's results go.
struct RowOutput {
  RowMap value, bound, tight;
  double *lse, *lse_bound;

  void fill(double out, double out_bound, double row_lse, double row_lse_bound) {
    value.setConstant(out);
    bound.setConstant(out_bound);
    tight.setConstant(out_bound);
    *lse = row_lse;
    *lse_bound = row_lse_bound;
  }
};

/// sum_j p_j |v_jc - O_c|; only worth its cost where P is rounded coarsely.
template <class Block>
Row spreadOf(const Block& v, const Row& p, const Row& out) {
  Row spread = Row::Zero(out.size());
  for (Eigen::Index j = 0; j < p.size(); ++j)
    spread += p[j] * (v.row(j) - out).cwiseAbs();
  return spread;
}

/// Channels where a visible value is NaN or infinite, or where the sum may overflow. See attentionHead.
void settleValues(const Rounding& r, const Values& values, KeyRange keys, const Row& p, RowOutput& to) {
  for (Eigen::Index c = 0; c < to.value.size(); ++c) {
    const bool may_overflow = values.sum_abs_v(keys.end, c) - values.sum_abs_v(keys.first, c) >= r.pv_largest;
    bool is_nan = false;
    double infinity = 0;
    for (Eigen::Index j = 0; !values.is_finite && j < p.size(); ++j) {
      const double x = values.v(keys.first + j, c);
      is_nan |= std::isnan(x);
      if (std::isinf(x))
        infinity = p[j] > 0x1p-100 ? infinity + x : kNaN;
    }
    if (!is_nan && infinity == 0 && !may_overflow)
      continue;
    to.value[c] = is_nan || may_overflow ? kNaN : infinity;
    to.bound[c] = to.tight[c] = is_nan ? 0 : kInfinity;
  }
}

void finishMasked(const Scoring& scoring, const Rounding& r, RowOutput to) {
  const bool is_any = scoring.masked_row == MaskedRow::Any;
  if (scoring.masked_row == MaskedRow::Zero)
    to.fill(0, r.out_eta, scoring.masked_lse, 0);
  else
    to.fill(kNaN, is_any ? kInfinity : 0, is_any ? kNaN : scoring.masked_lse, is_any ? kInfinity : 0);
}

/// One query row. `scores` and `errors` are over the visible keys, of which there is at least one.
void finishRow(const Scoring& scoring, const Rounding& r, const Values& values, KeyRange keys, const Row& scores,
               const Row& errors, RowOutput to) {
  const Eigen::Index n = scores.size();
  const double m = scores.maxCoeff<Eigen::PropagateNaN>();
  if (m == -kInfinity)
    return finishMasked(scoring, r, to);
  if (!std::isfinite(m))
    return to.fill(kNaN, 0, kNaN, 0);
  Row p = (scores.array() - m).exp();
  const double l = p.sum();
  p /= l;
  Row rho = errors;
  rho.array() +=
      kF32Unit * (scores.array().abs() + 2 * std::fabs(m)) + r.exp_error + r.exp_slope * (scores.array() - m).abs();
  // A key at -inf has no weight, whatever its score's error is called.
  rho = (scores.array() == -kInfinity).select(0.0, rho.array());
  const double safety = std::exp(2 * rho.maxCoeff());
  const Row weighted = safety * p.cwiseProduct(rho);

  const auto v = values.v.middleRows(keys.first, n);
  const auto abs_v = values.abs_v.middleRows(keys.first, n);
  to.value = p * v;
  const Row magnitude = to.value.cwiseAbs();
  const Row a_c = p * abs_v;
  const double pv_gamma = r.gamma(n, r.pv_unit), sum_gamma = r.gamma(n, r.sum_unit);

  Row common = weighted * abs_v + weighted.sum() * magnitude;
  common += (pv_gamma + sum_gamma + 2 * r.pv_operand) * a_c;
  common += (r.p_eta / l) * (values.sum_abs_v.row(keys.end) - values.sum_abs_v.row(keys.first));
  common = (1 + r.kv_unit) * common + r.kv_unit * a_c;
  common.array() += r.kv_eta;
  common += (r.out_unit * (1 + r.p_unit)) * magnitude;
  common.array() += r.operations(n) * r.pv_eta + r.out_eta;

  const bool is_coarse = r.p_unit > kF32Unit;
  to.bound = common + r.p_unit * (is_coarse ? a_c.cwiseMax(spreadOf(v, p, to.value)) : a_c);
  const Row deviation = (p.cwiseAbs2() * values.square_v.middleRows(keys.first, n)).cwiseSqrt();
  to.tight = (common + (6 * r.p_unit / std::sqrt(3.0)) * deviation).cwiseMin(to.bound);
  settleValues(r, values, keys, p, to);

  *to.lse = m + std::log(l);
  *to.lse_bound = weighted.sum() + sum_gamma + 0x1p-22 * std::fabs(std::log(l)) +
                  4 * kF32Unit * (std::fabs(m) + std::fabs(*to.lse)) + r.lse_unit * std::fabs(*to.lse) + r.lse_eta;
}

/// Distance of the query's position from the key of the same number.
std::int64_t offsetOf(const Scoring& scoring, std::int64_t nq, std::int64_t nk) {
  return scoring.causal == Causal::TopLeft ? 0 : nk - nq;
}

/// The slope's term and its error.
void addAlibi(const HeadProblem& head, const Scoring& scoring, std::int64_t first, ScoreBlock& block) {
  const std::int64_t offset = offsetOf(scoring, head.nq, head.nk);
  for (Eigen::Index i = 0; i < block.value.rows(); ++i)
    for (Eigen::Index j = 0; j < block.value.cols(); ++j) {
      const auto distance = static_cast<double>(std::abs(first + i + offset - j));
      const double term = head.slope * (scoring.alibi == Alibi::Distance ? -distance : static_cast<double>(j));
      block.value(i, j) += term;
      block.error(i, j) += 2 * kF32Unit * std::fabs(term);
    }
}

} // namespace

KeyRange visibleKeys(const Scoring& scoring, std::int64_t nq, std::int64_t nk, std::int64_t query) {
  const std::int64_t position = query + offsetOf(scoring, nq, nk);
  KeyRange keys{0, nk};
  if (scoring.causal != Causal::None)
    keys.end = std::min(keys.end, position + 1);
  if (scoring.right >= 0)
    keys.end = std::min(keys.end, position + scoring.right + 1);
  if (scoring.left >= 0)
    keys.first = std::max<std::int64_t>(0, position - scoring.left);
  keys = {std::max(keys.first, scoring.only.first), std::min(keys.end, scoring.only.end)};
  return keys.first < keys.end ? keys : KeyRange{};
}

bool ScoreBlock::mayOverflow(Eigen::Index row, KeyRange keys, double largest) const {
  for (std::int64_t j = keys.first; j < keys.end; ++j)
    if (magnitude(row, j) >= largest && std::isfinite(magnitude(row, j)))
      return true;
  return false;
}

ScoreBlock scoreRows(const HeadProblem& head, const Scoring& scoring, const Rounding& r, std::int64_t first,
                     std::int64_t count) {
  const auto q = ConstMap(head.q.data(), head.nq, head.d).middleRows(first, count);
  const ConstMap k(head.k.data(), head.nk, head.d);
  ScoreBlock block;
  block.value = scoring.scale * (q * k.transpose());
  const Matrix magnitude = q.cwiseAbs() * k.cwiseAbs().transpose();
  block.magnitude = std::max(1.0, std::fabs(scoring.scale)) * magnitude;
  const double product = static_cast<double>(head.d + 2) * r.qk_unit + 2 * r.qk_operand;
  block.error = ((product * (1 + r.kv_unit) + r.kv_unit) * std::fabs(scoring.scale)) * magnitude;
  if (r.kv_eta > 0)
    block.error.colwise() += (r.kv_eta * std::fabs(scoring.scale)) * q.cwiseAbs().rowwise().sum();
  if (scoring.softcap > 0) {
    block.capped = (block.value.array() / scoring.softcap).tanh();
    block.value = scoring.softcap * block.capped;
    const auto own = r.tanh_error + r.tanh_slope * block.capped.array().abs();
    // tanh has values in [-1, 1]: however wrong the score, the capped one moves by at most 2 softcap.
    block.error = block.error.array().min(2 * scoring.softcap) + scoring.softcap * own;
  }
  if (head.slope != 0)
    addAlibi(head, scoring, first, block);
  if (!head.bias.empty()) {
    const auto bias = ConstMap(head.bias.data(), head.nq, head.nk).middleRows(first, count);
    block.value += bias;
    block.error += 2 * kF32Unit * bias.cwiseAbs();
  }
  return block;
}

void attentionHead(const HeadProblem& head, const Scoring& scoring, const Rounding& rounding,
                   const HeadResult& result) {
  auto output = [&](std::int64_t row) {
    const auto i = static_cast<std::size_t>(row);
    const std::size_t at = i * static_cast<std::size_t>(head.dv);
    return RowOutput{RowMap(result.out.data() + at, head.dv), RowMap(result.out_bound.data() + at, head.dv),
                     RowMap(result.out_tight.data() + at, head.dv), &result.lse[i], &result.lse_bound[i]};
  };
  const Values values(head);
  const bool fits = isBelow(head.k, rounding.kv_largest) && isBelow(head.v, rounding.kv_largest);
  for (std::int64_t first = 0; first < head.nq; first += kRowsAtOnce) {
    const std::int64_t count = std::min(kRowsAtOnce, head.nq - first);
    const ScoreBlock block = scoreRows(head, scoring, rounding, first, count);
    for (std::int64_t i = 0; i < count; ++i) {
      const KeyRange keys = visibleKeys(scoring, head.nq, head.nk, first + i);
      if (keys.count() == 0)
        finishMasked(scoring, rounding, output(first + i));
      else if (!fits || block.mayOverflow(i, keys, rounding.qk_largest))
        output(first + i).fill(kNaN, kInfinity, kNaN, kInfinity);
      else
        finishRow(scoring, rounding, values, keys, block.value.row(i).segment(keys.first, keys.count()),
                  block.error.row(i).segment(keys.first, keys.count()), output(first + i));
    }
  }
}

AttentionRows::AttentionRows(std::int64_t rows, std::int64_t width) : dv(width) {
  const auto count = static_cast<std::size_t>(rows), elements = count * static_cast<std::size_t>(width);
  reference.out = {std::vector(elements, kNaN), std::vector(elements, kInfinity), std::vector(elements, kInfinity)};
  reference.lse = {std::vector(count, kNaN), std::vector(count, kInfinity), {}};
}

HeadResult AttentionRows::at(std::int64_t first, std::int64_t nq) {
  const auto row = static_cast<std::size_t>(first), rows = static_cast<std::size_t>(nq);
  const std::size_t element = row * static_cast<std::size_t>(dv), elements = rows * static_cast<std::size_t>(dv);
  return {std::span(reference.out.value).subspan(element, elements),
          std::span(reference.out.bound).subspan(element, elements),
          std::span(reference.out.tight).subspan(element, elements), std::span(reference.lse.value).subspan(row, rows),
          std::span(reference.lse.bound).subspan(row, rows)};
}

AttentionReference AttentionRows::finish() && {
  reference.lse.tight = reference.lse.bound;
  return std::move(reference);
}

AttentionReference attentionForward(const AttentionProblem& a, const Rounding& rounding) {
  AttentionRows rows(a.b * a.h * a.nq, a.dv);
  auto part = [](std::span<const double> all, std::int64_t index, std::int64_t size, std::int64_t used) {
    return all.subspan(static_cast<std::size_t>(index * size), static_cast<std::size_t>(used));
  };
  for (std::int64_t batch = 0; batch < a.b; ++batch)
    for (std::int64_t h = 0; h < a.h; ++h) {
      const std::int64_t head = batch * a.h + h, key_head = batch * a.hk + h / (a.h / a.hk);
      HeadProblem problem{a.nq, a.nk, a.d, a.dv, {}, {}, {}, 0, {}};
      if (!a.lengths.empty())
        problem.nk = a.lengths[static_cast<std::size_t>(batch)];
      problem.q = part(a.q, head, a.nq * a.d, a.nq * a.d);
      problem.k = part(a.k, key_head, a.nk * a.d, problem.nk * a.d);
      problem.v = part(a.v, key_head, a.nk * a.dv, problem.nk * a.dv);
      if (!a.slopes.empty())
        problem.slope = a.slopes[static_cast<std::size_t>(head)];
      std::vector<double> bias;
      if (!a.bias.empty()) {
        const auto all = part(a.bias, head, a.nq * a.nk, a.nq * a.nk);
        bias.reserve(static_cast<std::size_t>(a.nq * problem.nk));
        for (std::int64_t i = 0; i < a.nq; ++i) {
          const auto row = part(all, i, a.nk, problem.nk);
          bias.insert(bias.end(), row.begin(), row.end());
        }
        problem.bias = bias;
      }
      attentionHead(problem, a.scoring, rounding, rows.at(head * a.nq, a.nq));
    }
  return std::move(rows).finish();
}

} // namespace kverify::oracle
