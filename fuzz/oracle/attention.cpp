#include "fuzz/oracle/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>

namespace kverify::oracle {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::RowVectorXd;
using ConstMap = Eigen::Map<const Matrix>;
using RowMap = Eigen::Map<Row>;

constexpr double kF32Unit = 0x1p-23;
constexpr std::int64_t kRowsAtOnce = 16; ///< keeps the score block small where there are many keys

/// One batch and head, its keys and values, and what is shared by all of its rows.
struct Head {
  ConstMap q, k, v;
  Matrix abs_k, abs_v, square_v;
  Matrix sum_abs_v; ///< row j: sum of |v| over the keys 0 .. j-1
};

Head makeHead(const AttentionProblem& a, std::int64_t batch, std::int64_t head) {
  std::int64_t key_head = batch * a.hk + head / (a.h / a.hk);
  Head result{ConstMap(a.q.data() + (batch * a.h + head) * a.nq * a.d, a.nq, a.d),
              ConstMap(a.k.data() + key_head * a.nk * a.d, a.nk, a.d),
              ConstMap(a.v.data() + key_head * a.nk * a.dv, a.nk, a.dv),
              {},
              {},
              {},
              {}};
  result.abs_k = result.k.cwiseAbs();
  result.abs_v = result.v.cwiseAbs();
  result.square_v = result.v.cwiseAbs2();
  result.sum_abs_v = Matrix::Zero(a.nk + 1, a.dv);
  for (std::int64_t j = 0; j < a.nk; ++j)
    result.sum_abs_v.row(j + 1) = result.sum_abs_v.row(j) + result.abs_v.row(j);
  return result;
}

/// Where a row's results go.
struct RowOutput {
  RowMap value, bound, tight;
  double *lse, *lse_bound;
};

/// sum_j p_j |v_jc - O_c|; only worth its cost where P is rounded coarsely.
Row spreadOf(const Head& head, const Row& p, const Row& out) {
  Row spread = Row::Zero(out.size());
  for (Eigen::Index j = 0; j < p.size(); ++j)
    spread += p[j] * (head.v.row(j) - out).cwiseAbs();
  return spread;
}

/// One query row. `scores` and `magnitudes` (scale |q|.|k_j|) are over the visible keys, of which there is at least
/// one.
void finishRow(const AttentionProblem& a, const Rounding& r, const Head& head, const Row& scores, const Row& magnitudes,
               RowOutput to) {
  const Eigen::Index n = scores.size();
  const double m = scores.maxCoeff();
  Row p = (scores.array() - m).exp();
  const double l = p.sum();
  p /= l;
  Row rho = (static_cast<double>(a.d + 2) * r.qk_unit + 2 * r.qk_operand) * magnitudes;
  rho.array() +=
      kF32Unit * (scores.array().abs() + 2 * std::fabs(m)) + r.exp_error + r.exp_slope * (scores.array() - m).abs();
  const double safety = std::exp(2 * rho.maxCoeff());
  const Row weighted = safety * p.cwiseProduct(rho);

  const auto abs_v = head.abs_v.topRows(n);
  to.value = p * head.v.topRows(n);
  const Row magnitude = to.value.cwiseAbs();
  const Row a_c = p * abs_v;
  const double pv_gamma = r.gamma(n, r.pv_unit), sum_gamma = r.gamma(n, r.sum_unit);

  Row common = weighted * abs_v + weighted.sum() * magnitude;
  common += (pv_gamma + sum_gamma + 2 * r.pv_operand) * a_c;
  common += (r.p_eta / l) * head.sum_abs_v.row(n);
  common += (r.out_unit * (1 + r.p_unit)) * magnitude;
  common.array() += r.operations(n) * r.pv_eta + r.out_eta;

  const bool is_coarse = r.p_unit > kF32Unit;
  to.bound = common + r.p_unit * (is_coarse ? a_c.cwiseMax(spreadOf(head, p, to.value)) : a_c);
  const Row deviation = (p.cwiseAbs2() * head.square_v.topRows(n)).cwiseSqrt();
  to.tight = (common + (6 * r.p_unit / std::sqrt(3.0)) * deviation).cwiseMin(to.bound);

  *to.lse = m + std::log(l);
  *to.lse_bound = weighted.sum() + sum_gamma + 0x1p-22 * std::fabs(std::log(l)) +
                  4 * kF32Unit * (std::fabs(m) + std::fabs(*to.lse)) + r.lse_unit * std::fabs(*to.lse) + r.lse_eta;
}

} // namespace

std::int64_t AttentionProblem::visibleKeys(std::int64_t query) const {
  switch (causal) {
  case Causal::None: return nk;
  case Causal::TopLeft: return std::min(nk, query + 1);
  case Causal::BottomRight: return std::clamp<std::int64_t>(query + 1 + nk - nq, 0, nk);
  }
  return nk;
}

AttentionReference attentionForward(const AttentionProblem& a, const Rounding& rounding) {
  AttentionReference result;
  const auto rows = static_cast<std::size_t>(a.b * a.h * a.nq);
  const std::size_t elements = rows * static_cast<std::size_t>(a.dv);
  result.out.value.assign(elements, 0.0);
  result.out.bound.assign(elements, rounding.out_eta);
  result.out.tight.assign(elements, rounding.out_eta);
  result.lse.value.assign(rows, -std::numeric_limits<double>::infinity());
  result.lse.bound.assign(rows, 0.0);
  if (a.nk > 0 && a.nq > 0)
    for (std::int64_t batch = 0; batch < a.b; ++batch)
      for (std::int64_t h = 0; h < a.h; ++h) {
        const Head head = makeHead(a, batch, h);
        for (std::int64_t first = 0; first < a.nq; first += kRowsAtOnce) {
          const std::int64_t count = std::min(kRowsAtOnce, a.nq - first);
          const Matrix scores = a.scale * (head.q.middleRows(first, count) * head.k.transpose());
          const Matrix magnitudes =
              std::fabs(a.scale) * (head.q.middleRows(first, count).cwiseAbs() * head.abs_k.transpose());
          for (std::int64_t i = 0; i < count; ++i) {
            const std::int64_t n = a.visibleKeys(first + i);
            if (n == 0)
              continue;
            const auto row = static_cast<std::size_t>((batch * a.h + h) * a.nq + first + i);
            const std::size_t at = row * static_cast<std::size_t>(a.dv);
            RowOutput to{RowMap(result.out.value.data() + at, a.dv), RowMap(result.out.bound.data() + at, a.dv),
                         RowMap(result.out.tight.data() + at, a.dv), &result.lse.value[row], &result.lse.bound[row]};
            finishRow(a, rounding, head, scores.row(i).head(n), magnitudes.row(i).head(n), to);
          }
        }
      }
  result.lse.tight = result.lse.bound;
  return result;
}

} // namespace kverify::oracle
