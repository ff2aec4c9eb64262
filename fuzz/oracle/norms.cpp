#include "fuzz/oracle/norms.h"

#include <algorithm>

namespace kverify::oracle {
namespace {

/// gamma of a sum: (n + 4) u, or by the declared chain.
double sumGamma(const Rounding& r, std::int64_t n) {
  return static_cast<double>((r.chain > 0 ? std::min(r.chain, n) : n) + 4) * r.sum_unit;
}

Bounded mean(const Bounded& a, const Rounding& r) {
  const auto n = static_cast<double>(std::max<Eigen::Index>(a.cols(), 1));
  return scale(rowSums(a, sumGamma(r, a.cols()), r.sum_eta), 1 / n, {4 * r.sum_unit, r.sum_eta});
}

/// The weight as it multiplies: [1, n].
Bounded weightOf(std::span<const double> weight, std::int64_t n, double offset, Step step) {
  if (weight.empty())
    return exact(Array(Array::Ones(1, n)));
  const Bounded stored = exact(weight, 1, n);
  return offset == 0 ? stored : add(stored, exact(offset), step);
}

Bounded reciprocalRms(const Bounded& x, double eps, const Rounding& r) {
  const Step step = stepOf(r);
  return reciprocalRoot(add(mean(multiply(x, x, {0, step.eta}), r), exact(eps), step), step);
}

} // namespace

RmsNormReference rmsNorm(const RmsNormProblem& a, const Rounding& r) {
  const Step step = stepOf(r);
  const Bounded x = exact(a.x, a.rows, a.n);
  const Bounded rstd = reciprocalRms(x, a.eps, r);
  return {multiply(multiply(x, rstd, step), weightOf(a.weight, a.n, a.weight_offset, step), step), rstd};
}

NormGradients layerNormBackward(const NormBackwardProblem& a, const Rounding& r) {
  const Step step = stepOf(r);
  RowStatistics statistics;
  if (a.mean.empty() || a.rstd.empty())
    statistics = layerStatistics(a.x, a.rows, a.n, a.eps, r);
  if (!a.mean.empty())
    statistics.mean = exact(a.mean, a.rows, 1);
  if (!a.rstd.empty())
    statistics.rstd = exact(a.rstd, a.rows, 1);
  const Bounded x = exact(a.x, a.rows, a.n), dy = exact(a.dy, a.rows, a.n);
  const Bounded normal = multiply(subtract(x, statistics.mean, step), statistics.rstd, step);
  const Bounded g = multiply(dy, weightOf(a.weight, a.n, 0, step), step);
  const Bounded projected = multiply(normal, mean(multiply(g, normal, step), r), step);
  const Bounded centred = subtract(subtract(g, mean(g, r), step), projected, step);
  const double over_rows = sumGamma(r, a.rows);
  return {multiply(centred, statistics.rstd, step), columnSums(multiply(dy, normal, step), over_rows, r.sum_eta),
          columnSums(dy, over_rows, r.sum_eta)};
}

NormGradients rmsNormBackward(const NormBackwardProblem& a, const Rounding& r) {
  const Step step = stepOf(r);
  const Bounded x = exact(a.x, a.rows, a.n), dy = exact(a.dy, a.rows, a.n);
  const Bounded rstd = a.rstd.empty() ? reciprocalRms(x, a.eps, r) : exact(a.rstd, a.rows, 1);
  const Bounded normal = multiply(x, rstd, step);
  const Bounded g = multiply(dy, weightOf(a.weight, a.n, a.weight_offset, step), step);
  const Bounded projected = multiply(normal, mean(multiply(g, normal, step), r), step);
  // Kernels subtract in either order of the factors: g - xhat c and r (r (...)) differ by roundings that are counted.
  return {multiply(subtract(g, projected, {2 * step.unit, step.eta}), rstd, step),
          columnSums(multiply(dy, normal, step), sumGamma(r, a.rows), r.sum_eta),
          {}};
}

} // namespace kverify::oracle
