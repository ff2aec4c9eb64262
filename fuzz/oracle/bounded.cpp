#include "fuzz/oracle/bounded.h"

#include <cmath>
#include <limits>
#include <utility>

namespace kverify::oracle {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// `a` as large as the two together.
Array spread(const Array& a, Eigen::Index rows, Eigen::Index cols) {
  if (a.rows() == rows && a.cols() == cols)
    return a;
  return a.replicate(a.rows() == rows ? 1 : rows, a.cols() == cols ? 1 : cols);
}

struct Pair {
  Bounded a, b;
};

Pair spread(const Bounded& a, const Bounded& b) {
  // An extent of 1 repeats, also no times.
  const Eigen::Index rows = a.rows() == 1 ? b.rows() : a.rows(), cols = a.cols() == 1 ? b.cols() : a.cols();
  return {{spread(a.value, rows, cols), spread(a.error, rows, cols)},
          {spread(b.value, rows, cols), spread(b.error, rows, cols)}};
}

/// 0 inf is no bound on anything: it is 0 where nothing is wrong, else unbounded.
Array settled(const Array& error) {
  return error.unaryExpr([](double e) { return std::isnan(e) ? kInfinity : e; });
}

} // namespace

Step stepOf(const Rounding& rounding) {
  return {rounding.sum_unit, rounding.sum_eta};
}

Bounded exact(Array value) {
  Array error = Array::Zero(value.rows(), value.cols());
  return {std::move(value), std::move(error)};
}

Bounded exact(std::span<const double> values, std::int64_t rows, std::int64_t columns) {
  return exact(Array(Eigen::Map<const Array>(values.data(), rows, columns)));
}

Bounded exact(double value) {
  return exact(Array(Array::Constant(1, 1, value)));
}

Bounded rounded(Bounded a, Step step) {
  a.error += step.unit * (a.value.abs() + a.error) + step.eta;
  return a;
}

Bounded widened(Bounded a, const Array& error) {
  a.error += error;
  return a;
}

Bounded limited(Bounded a, double largest) {
  const auto overflows = a.value.abs() + a.error >= largest && a.value.isFinite();
  const Array value = overflows.select(std::numeric_limits<double>::quiet_NaN(), a.value);
  a.error = overflows.select(kInfinity, a.error).eval();
  a.value = value;
  return a;
}

Bounded add(const Bounded& left, const Bounded& right, Step step) {
  auto [a, b] = spread(left, right);
  // A sum never underflows inexactly.
  return rounded({a.value + b.value, a.error + b.error}, {step.unit, 0});
}

Bounded subtract(const Bounded& left, const Bounded& right, Step step) {
  return add(left, negate(right), step);
}

Bounded multiply(const Bounded& left, const Bounded& right, Step step) {
  auto [a, b] = spread(left, right);
  return rounded({a.value * b.value, a.value.abs() * b.error + b.value.abs() * a.error + a.error * b.error}, step);
}

Bounded divide(const Bounded& left, const Bounded& right, Step step) {
  auto [a, b] = spread(left, right);
  Array value = a.value / b.value;
  const Array least = b.value.abs() - b.error;
  Array error = (least > 0).select((a.error + value.abs() * b.error) / least, kInfinity);
  return rounded({std::move(value), std::move(error)}, {4 * step.unit, step.eta});
}

Bounded scale(const Bounded& a, double factor, Step step) {
  return rounded({a.value * factor, a.error * std::fabs(factor)}, step);
}

Bounded negate(Bounded a) {
  a.value = -a.value;
  return a;
}

Bounded exponential(const Bounded& x, const Rounding& r) {
  // Eigen's vectorised exp ends at 2^-1022, also at -inf.
  const Array value = (x.value == -kInfinity).select(0.0, x.value.exp());
  const Array moved = x.error.unaryExpr([](double e) { return std::expm1(e); });
  const Array own = r.exp_error + r.exp_slope * (x.value.abs() + x.error);
  Array error = (value * (moved + (1 + moved) * own));
  // exp(-inf) is 0 whatever its operand's error is called.
  error = (x.value == -kInfinity).select(0.0, settled(error) + r.exp_flush);
  return {value, error};
}

Bounded logarithm(const Bounded& x) {
  const Array value = x.value.log();
  const Array least = x.value - x.error;
  const Array moved = (least > 0).select(-(least / x.value).log(), kInfinity);
  return {value, moved + 0x1p-22 * value.abs() + 0x1p-23};
}

Bounded reciprocalRoot(const Bounded& x, Step step) {
  const Array value = x.value.rsqrt();
  const Array least = x.value - x.error;
  const Array moved = (least > 0).select(least.rsqrt() - value, kInfinity);
  return rounded({value, moved}, {4 * step.unit, 0});
}

Bounded matrixProduct(const Bounded& a, const Bounded& b, double gamma, double eta, double largest) {
  const auto av = a.value.matrix(), bv = b.value.matrix();
  const auto largest_a = (a.value.abs() + a.error).matrix(), largest_b = (b.value.abs() + b.error).matrix();
  Bounded result;
  result.value = (av * bv).array();
  const bool a_exact = (a.error == 0).all(), b_exact = (b.error == 0).all();
  const Array magnitude = (largest_a * largest_b).array();
  result.error = gamma * magnitude + static_cast<double>(a.cols()) * eta;
  if (!a_exact)
    result.error += (a.error.matrix() * largest_b).array();
  if (!b_exact)
    result.error += (a.value.abs().matrix() * b.error.matrix()).array();
  // A finite magnitude alone: infinities among the operands are the operands' own.
  const auto overflows = magnitude >= largest && magnitude.isFinite();
  result.value = overflows.select(std::numeric_limits<double>::quiet_NaN(), result.value).eval();
  result.error = overflows.select(kInfinity, settled(result.error)).eval();
  return result;
}

Bounded rowSums(const Bounded& a, double gamma, double eta) {
  const Array error = a.error.rowwise().sum();
  const Array magnitude = a.value.abs().rowwise().sum();
  return {a.value.rowwise().sum(), error + gamma * (magnitude + error) + static_cast<double>(a.cols()) * eta};
}

Bounded columnSums(const Bounded& a, double gamma, double eta) {
  return transposed(rowSums(transposed(a), gamma, eta));
}

Bounded transposed(const Bounded& a) {
  return {a.value.transpose(), a.error.transpose()};
}

Bounded smooth(const Bounded& x, Array value, const Array& derivative, double slope, double curvature) {
  const Array local = derivative.abs() * x.error + (curvature / 2) * x.error.square();
  return {std::move(value), (slope * x.error).min(settled(local))};
}

Reference referenceOf(const Bounded& result, const Rounding& rounding) {
  Bounded stored = rounded(result, {rounding.out_unit, rounding.out_eta});
  stored.error = settled(stored.error);
  Reference reference;
  reference.value.assign(stored.value.data(), stored.value.data() + stored.value.size());
  reference.bound.assign(stored.error.data(), stored.error.data() + stored.error.size());
  reference.tight = reference.bound;
  return reference;
}

} // namespace kverify::oracle
