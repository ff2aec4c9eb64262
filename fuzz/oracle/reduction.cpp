#include "fuzz/oracle/reduction.h"

#include <cmath>

namespace kverify::oracle {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Value and bound of one row.
struct Pair {
  double value, bound;
};

constexpr Pair kOpen{kNaN, kInfinity};

Pair sumOf(const Eigen::ArrayXd& x, const Rounding& r) {
  return {x.sum(), r.gamma(x.size(), r.sum_unit) * x.abs().sum()};
}

Pair logSumExp(const Eigen::ArrayXd& x, const Rounding& r) {
  const double m = x.size() ? x.maxCoeff<Eigen::PropagateNaN>() : -kInfinity;
  if (!std::isfinite(m))
    return {m, 0};
  const double l = (x - m).exp().sum(), log_l = std::log(l);
  Eigen::ArrayXd error = 0x1p-23 * (x.abs() + 2 * std::fabs(m)) + r.exp_error + r.exp_slope * (x - m).abs();
  error = (x == -kInfinity).select(0.0, error);
  const double moved = std::exp(2 * error.maxCoeff()) * ((x - m).exp() / l * error).sum();
  return {m + log_l, moved + r.gamma(x.size(), r.sum_unit) + 0x1p-22 * std::fabs(log_l) +
                         static_cast<double>(x.size()) * r.exp_flush / l +
                         0x1p-21 * (std::fabs(m) + std::fabs(m + log_l))};
}

/// The extreme of a row and the first place where it is.
struct Extreme {
  double value;
  std::int64_t first = -1;
  bool is_tied = false, has_nan = false;
};

Extreme extremeOf(const Eigen::ArrayXd& x, bool is_max) {
  Extreme extreme{is_max ? -kInfinity : kInfinity};
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    extreme.has_nan |= std::isnan(x[i]);
    if (std::isnan(x[i]))
      continue;
    if (extreme.first >= 0 && x[i] == extreme.value)
      extreme.is_tied = true;
    if (extreme.first < 0 || (is_max ? x[i] > extreme.value : x[i] < extreme.value))
      extreme = {x[i], i, false, extreme.has_nan};
  }
  return extreme;
}

Pair valueOf(const Extreme& extreme, ReductionProblem::NaNs nans) {
  using NaNs = ReductionProblem::NaNs;
  if (extreme.has_nan && nans != NaNs::Ignore)
    return nans == NaNs::Any ? kOpen : Pair{kNaN, 0};
  return {extreme.value, 0};
}

Pair indexOf(const Extreme& extreme, const ReductionProblem& a) {
  const bool is_open = extreme.first < 0 || (extreme.is_tied && a.ties == ReductionProblem::Ties::Any) ||
                       (extreme.has_nan && a.nans != ReductionProblem::NaNs::Ignore);
  return is_open ? kOpen : Pair{static_cast<double>(extreme.first), 0};
}

bool isMaximum(Reduction operation) {
  return operation == Reduction::Max || operation == Reduction::ArgMax;
}

} // namespace

ReductionReference reduceRows(const ReductionProblem& a, const Rounding& r) {
  ReductionReference result;
  const double u = r.sum_unit;
  for (std::int64_t row = 0; row < a.rows; ++row) {
    const Eigen::ArrayXd x = Eigen::Map<const Eigen::ArrayXd>(a.x.data() + row * a.n, a.n);
    Pair value{0, 0}, index = kOpen;
    switch (a.operation) {
    case Reduction::Sum: value = sumOf(x, r); break;
    case Reduction::Mean:
      value = sumOf(x, r);
      value = {value.value / static_cast<double>(a.n),
               (value.bound + 4 * u * std::fabs(value.value)) / static_cast<double>(a.n)};
      break;
    case Reduction::SumOfSquares: value = sumOf(x.square(), r); break;
    case Reduction::Norm: {
      value = sumOf(x.square(), r);
      const double root = std::sqrt(value.value);
      const double moved = root > 0 ? value.bound / root : std::sqrt(value.bound);
      value = {root, moved + 4 * u * root + std::sqrt(static_cast<double>(a.n) * r.sum_eta)};
      break;
    }
    case Reduction::LogSumExp: value = logSumExp(x, r); break;
    case Reduction::Max:
    case Reduction::Min:
    case Reduction::ArgMax:
    case Reduction::ArgMin: {
      const Extreme extreme = extremeOf(x, isMaximum(a.operation));
      value = valueOf(extreme, a.nans);
      index = indexOf(extreme, a);
      break;
    }
    }
    const double underflow = a.operation == Reduction::SumOfSquares ? static_cast<double>(a.n) * r.sum_eta : 0;
    result.value.value.push_back(value.value);
    result.value.bound.push_back(value.bound + underflow + r.out_unit * std::fabs(value.value) + r.out_eta);
    if (std::isnan(result.value.bound.back()))
      result.value.bound.back() = value.bound;
    result.index.value.push_back(index.value);
    result.index.bound.push_back(index.bound);
  }
  result.value.tight = result.value.bound;
  result.index.tight = result.index.bound;
  return result;
}

} // namespace kverify::oracle
