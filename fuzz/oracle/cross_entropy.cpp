#include <cmath>

#include "fuzz/oracle/rows.h"

namespace kverify::oracle {
namespace {

constexpr double kF32Unit = 0x1p-23;

/// One row's shifted exponentials and what they may be off.
struct ShiftedRow {
  double m = 0, log_l = 0, l = 1;
  double lse_error = 0; ///< of LSE = m + log l, its own rounding included
  Eigen::ArrayXd p, p_error;
};

ShiftedRow shiftedRow(const Eigen::ArrayXd& s, const Rounding& r) {
  ShiftedRow row;
  row.m = s.maxCoeff<Eigen::PropagateNaN>();
  const auto n = static_cast<double>(s.size());
  const Eigen::ArrayXd e = (s - row.m).exp();
  row.l = e.sum();
  row.log_l = std::log(row.l);
  row.p = e / row.l;
  Eigen::ArrayXd error = kF32Unit * (s.abs() + 2 * std::fabs(row.m)) + r.exp_error + r.exp_slope * (s - row.m).abs();
  error = (s == -std::numeric_limits<double>::infinity()).select(0.0, error);
  const double safety = std::exp(2 * error.maxCoeff()), mean_error = (row.p * error).sum();
  const double gamma = r.gamma(s.size(), r.sum_unit);
  row.p_error = safety * row.p * (error + mean_error) + row.p * (gamma + 2 * r.sum_unit);
  row.p_error += (1 + row.p * n) * (r.exp_flush / row.l);
  row.lse_error = safety * mean_error + gamma + 0x1p-22 * std::fabs(row.log_l) + n * r.exp_flush / row.l +
                  kF32Unit * (4 * std::fabs(row.m) + 3 * std::fabs(row.log_l));
  return row;
}

} // namespace

Reference logSoftmax(const SoftmaxProblem& a, const Rounding& r) {
  Array value(a.rows, a.n), error(a.rows, a.n);
  for (std::int64_t row = 0; row < a.rows && a.n > 0; ++row) {
    const Eigen::ArrayXd s = a.scale * Eigen::Map<const Eigen::ArrayXd>(a.x.data() + row * a.n, a.n);
    const ShiftedRow shifted = shiftedRow(s, r);
    value.row(row) = (s - shifted.m - shifted.log_l).transpose();
    error.row(row) = shifted.lse_error + kF32Unit * (2 * s.abs().transpose() + value.row(row).abs());
  }
  return referenceOf({value, error}, r);
}

CrossEntropyReference crossEntropy(const CrossEntropyProblem& a, const Rounding& r) {
  using Reduction = CrossEntropyProblem::Reduction;
  const Step step = stepOf(r);
  const Array zeros = Array::Zero(a.rows, 1);
  CrossEntropyReference result{
      {zeros, zeros}, {zeros, zeros}, {}, {Array::Zero(a.rows, a.classes), Array::Zero(a.rows, a.classes)}};
  const auto classes = static_cast<double>(a.classes);
  double counted = 0;
  for (std::int64_t label : a.labels)
    counted += label != a.ignore;
  for (std::int64_t row = 0; row < a.rows; ++row) {
    const auto at = static_cast<std::size_t>(row);
    const Eigen::ArrayXd x = Eigen::Map<const Eigen::ArrayXd>(a.logits.data() + row * a.classes, a.classes);
    const ShiftedRow shifted = shiftedRow(x, r);
    const double lse = shifted.m + shifted.log_l;
    result.lse.value(row, 0) = lse;
    result.lse.error(row, 0) = shifted.lse_error + kF32Unit * std::fabs(lse);
    const std::int64_t label = a.labels[at];
    if (label == a.ignore)
      continue;
    // What no weight is given to is not looked at: it may be -inf.
    const double target = x[label], average = a.smoothing == 0 ? 0 : x.sum() / classes;
    const double average_error = a.smoothing == 0 ? 0 : r.gamma(a.classes, r.sum_unit) * x.abs().sum() / classes;
    result.loss.value(row, 0) = (1 - a.smoothing) * (lse - target) + a.smoothing * (lse - average);
    result.loss.error(row, 0) = result.lse.error(row, 0) + a.smoothing * average_error +
                                step.unit * (4 * std::fabs(lse) + 3 * std::fabs(target) + 3 * std::fabs(average));
    const double factor =
        a.gradient_scale * (a.dloss.empty() ? 1 : a.dloss[at]) / (a.reduction == Reduction::Mean ? counted : 1);
    Bounded p{shifted.p.transpose(), shifted.p_error.transpose()};
    Array wanted = Array::Constant(1, a.classes, a.smoothing / classes);
    wanted(0, label) += 1 - a.smoothing;
    // Of a smoothed target, e / classes and 1 - e are rounded too.
    const Bounded target_p{wanted, (a.smoothing == 0 ? 0 : 3) * step.unit * wanted};
    const Bounded gradient = scale(subtract(p, target_p, step), factor, {3 * step.unit, step.eta});
    result.gradient.value.row(row) = gradient.value;
    result.gradient.error.row(row) = gradient.error;
  }
  result.total = columnSums(result.loss, r.gamma(a.rows, r.sum_unit), r.sum_eta);
  if (a.reduction == Reduction::Mean)
    result.total = scale(result.total, 1 / counted, {4 * step.unit, step.eta});
  return result;
}

} // namespace kverify::oracle
