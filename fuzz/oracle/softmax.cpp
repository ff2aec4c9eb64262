#include <cmath>
#include <limits>

#include <Eigen/Core>

#include "fuzz/oracle/rows.h"

namespace kverify::oracle {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

} // namespace

Reference softmax(const SoftmaxProblem& a, const Rounding& r) {
  constexpr double kF32Unit = 0x1p-23;
  Reference result;
  const auto elements = static_cast<std::size_t>(a.rows * a.n);
  result.value.resize(elements);
  result.bound.resize(elements);
  if (a.n == 0)
    return result;
  const double gamma = r.gamma(a.n, r.sum_unit);
  for (std::int64_t row = 0; row < a.rows; ++row) {
    const std::size_t at = static_cast<std::size_t>(row * a.n);
    const Eigen::ArrayXd s = a.scale * Eigen::Map<const Eigen::ArrayXd>(a.x.data() + at, a.n);
    const double m = s.maxCoeff<Eigen::PropagateNaN>();
    Eigen::Map<Eigen::ArrayXd> y(result.value.data() + at, a.n), bound(result.bound.data() + at, a.n);
    if (!std::isfinite(m)) {
      const MaskedRow due = m == -kInfinity ? a.masked_row : MaskedRow::Any;
      y = due == MaskedRow::Zero ? 0 : kNaN;
      bound = due == MaskedRow::Zero ? r.out_eta : due == MaskedRow::NaN ? 0 : kInfinity;
      continue;
    }
    const Eigen::ArrayXd e = (s - m).exp();
    const double l = e.sum();
    y = e / l;
    Eigen::ArrayXd error = kF32Unit * (s.abs() + 2 * std::fabs(m)) + r.exp_error + r.exp_slope * (s - m).abs();
    error = (s == -kInfinity).select(0.0, error);
    const double safety = std::exp(2 * error.maxCoeff());
    bound = safety * y * (error + (y * error).sum()) + y * (gamma + 2 * r.sum_unit + r.out_unit) + r.out_eta;
    bound += (1 + y * static_cast<double>(a.n)) * (r.exp_flush / l);
  }
  result.tight = result.bound;
  return result;
}

} // namespace kverify::oracle
