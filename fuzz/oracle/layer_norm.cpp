#include <cmath>
#include <limits>

#include <Eigen/Core>

#include "fuzz/oracle/norms.h"

namespace kverify::oracle {
namespace {

struct Moments {
  double mean = 0, mean_error = 0;
  double variance = 0, variance_error = 0;
};

Moments momentsOf(const Eigen::ArrayXd& x, const Rounding& r) {
  const auto n = static_cast<double>(x.size());
  const double u = r.sum_unit;
  const double g = ((r.chain > 0 ? std::min(static_cast<double>(r.chain), n) : n) + 4) * u;
  Moments m;
  m.mean = x.sum() / n;
  const Eigen::ArrayXd centred = x - m.mean;
  m.variance = centred.square().sum() / n;
  m.mean_error = g * x.abs().sum() / n + 2 * u * std::fabs(m.mean) + r.sum_eta;
  const double mean_square = x.square().sum() / n;
  switch (r.variance) {
  case Precision::Variance::TwoPass: m.variance_error = (g + 4 * u) * m.variance + m.mean_error * m.mean_error; break;
  case Precision::Variance::Welford:
    m.variance_error = 2 * g * std::sqrt(mean_square * m.variance) + g * m.variance + m.mean_error * m.mean_error;
    break;
  case Precision::Variance::OnePass:
    m.variance_error =
        g * (mean_square + m.mean * m.mean) + 2 * std::fabs(m.mean) * m.mean_error + m.mean_error * m.mean_error;
    break;
  }
  m.variance_error += r.sum_eta * n;
  return m;
}

/// How far 1/sqrt(v) moves when v moves by `error` either way; infinite when it reaches zero.
double rsqrtChange(double v, double error) {
  if (v - error <= 0)
    return error == 0 && v == 0 ? 0 : std::numeric_limits<double>::infinity();
  return 1 / std::sqrt(v - error) - 1 / std::sqrt(v);
}

} // namespace

RowStatistics layerStatistics(std::span<const double> x, std::int64_t rows, std::int64_t n, double eps,
                              const Rounding& r) {
  const Array zeros = Array::Zero(rows, 1);
  RowStatistics statistics{{zeros, zeros}, {zeros, zeros}};
  for (std::int64_t row = 0; row < rows && n > 0; ++row) {
    const Moments m = momentsOf(Eigen::Map<const Eigen::ArrayXd>(x.data() + row * n, n), r);
    statistics.mean.value(row, 0) = m.mean;
    statistics.mean.error(row, 0) = m.mean_error;
    const double inverse = 1 / std::sqrt(m.variance + eps);
    statistics.rstd.value(row, 0) = inverse;
    statistics.rstd.error(row, 0) = rsqrtChange(m.variance + eps, m.variance_error) + 4 * r.sum_unit * inverse;
  }
  return statistics;
}

Reference layerNorm(const LayerNormProblem& a, const Rounding& r) {
  Reference result;
  const auto elements = static_cast<std::size_t>(a.rows * a.n);
  result.value.resize(elements);
  result.bound.resize(elements);
  if (a.n == 0)
    return result;
  const double u = r.sum_unit;
  Eigen::ArrayXd gamma = Eigen::ArrayXd::Ones(a.n), beta = Eigen::ArrayXd::Zero(a.n);
  if (!a.gamma.empty())
    gamma = Eigen::Map<const Eigen::ArrayXd>(a.gamma.data(), a.n);
  if (!a.beta.empty())
    beta = Eigen::Map<const Eigen::ArrayXd>(a.beta.data(), a.n);
  for (std::int64_t row = 0; row < a.rows; ++row) {
    const std::size_t at = static_cast<std::size_t>(row * a.n);
    const Eigen::ArrayXd x = Eigen::Map<const Eigen::ArrayXd>(a.x.data() + at, a.n);
    const Moments m = momentsOf(x, r);
    const double inverse = 1 / std::sqrt(m.variance + a.eps);
    const double inverse_error = rsqrtChange(m.variance + a.eps, m.variance_error) + 4 * u * inverse;
    const Eigen::ArrayXd centred = x - m.mean;
    Eigen::Map<Eigen::ArrayXd> y(result.value.data() + at, a.n), bound(result.bound.data() + at, a.n);
    y = centred * inverse * gamma + beta;
    bound = gamma.abs() * (inverse + inverse_error) * (m.mean_error + u * centred.abs());
    if (std::isfinite(inverse_error))
      bound += gamma.abs() * centred.abs() * inverse_error;
    else
      bound = std::numeric_limits<double>::infinity();
    bound += 4 * u * (gamma * centred * inverse).abs() + u * (y.abs() + beta.abs());
    bound += r.out_unit * y.abs() + r.out_eta + 4 * r.sum_eta;
  }
  result.tight = result.bound;
  return result;
}

} // namespace kverify::oracle
