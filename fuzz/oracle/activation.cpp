#include "fuzz/oracle/activation.h"

#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace kverify::oracle {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// f, f' and the suprema of |f'| and |f''|.
struct Function {
  double (*value)(double);
  double (*derivative)(double);
  double slope, curvature;
};

double normalCdf(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

double normalDensity(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
}

double sigmoid(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

const double kRoot = std::sqrt(2 / std::numbers::pi);

double geluInner(double x) {
  return kRoot * (x + 0.044715 * x * x * x);
}

/// 1 + tanh(v), without cancellation.
double onePlusTanh(double v) {
  return 2 * sigmoid(2 * v);
}

double geluTanhDerivative(double x) {
  const double t = onePlusTanh(geluInner(x));
  const double inner = kRoot * (1 + 3 * 0.044715 * x * x);
  const double bell = t * (2 - t);
  return t / 2 + (bell == 0 ? 0 : x / 2 * bell * inner);
}

const Function kGelu{[](double x) { return x == -kInfinity ? 0 : x * normalCdf(x); },
                     [](double x) { return std::isinf(x) ? (x > 0 ? 1 : 0) : normalCdf(x) + x * normalDensity(x); },
                     1.13, 0.8};
const Function kGeluTanh{[](double x) { return x == -kInfinity ? 0 : x / 2 * onePlusTanh(geluInner(x)); },
                         geluTanhDerivative, 1.13, 1.0};
const Function kSilu{[](double x) { return x == -kInfinity ? 0 : x * sigmoid(x); },
                     [](double x) {
                       const double s = sigmoid(x);
                       return std::isinf(x) ? s : s * (1 + x * (1 - s));
                     },
                     1.1, 0.5};
const Function kSigmoid{sigmoid, [](double x) { return sigmoid(x) * sigmoid(-x); }, 0.25, 0.1};
const Function kTanh{[](double x) { return std::tanh(x); }, [](double x) { return 1 - std::tanh(x) * std::tanh(x); }, 1,
                     0.77};
const Function kSoftplus{[](double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); },
                         sigmoid, 1, 0.25};

Bounded apply(const Bounded& x, const Function& f) {
  return smooth(x, x.value.unaryExpr(f.value), x.value.unaryExpr(f.derivative), f.slope, f.curvature);
}

/// y with the function's own error added.
Bounded own(Bounded y, const Array& error) {
  y.error += error;
  return y;
}

/// Functions with a kink at 0: both sides of x +- e count.
Bounded kinked(const Bounded& x, double below, Step step) {
  const Array value = (x.value < 0).select(below * x.value, x.value);
  const double slope = std::max(1.0, std::fabs(below));
  const Step rounding = below == 0 || below == 1 || below == -1 ? Step{0, 0} : step;
  return rounded({value, (x.value.isNaN()).select(x.value, slope * x.error)}, rounding);
}

Bounded elu(const Bounded& x, double alpha, const Rounding& r) {
  const Step step = stepOf(r);
  const Array value = x.value.unaryExpr([&](double v) { return v > 0 ? v : alpha * std::expm1(v); });
  const Array below = std::fabs(alpha) * (r.exp_error + r.exp_slope * x.value.abs() + 2 * step.unit);
  const Array mine = (x.value > x.error).select(0.0, below);
  return {value, std::max(1.0, std::fabs(alpha)) * x.error + mine};
}

Bounded squareRoot(const Bounded& x, Step step) {
  const Array value = x.value.sqrt();
  // |sqrt(x + e) - sqrt x| <= min(sqrt e, e / sqrt x); a negative operand gives NaN on both sides.
  const Array moved = (x.error == 0).select(0.0, x.error.sqrt().min(x.error / value));
  return rounded({value, (x.value < x.error).select(kInfinity, moved)}, {2 * step.unit, 0});
}

} // namespace

std::optional<Activation> parseActivation(std::string_view wanted) {
  static constexpr std::array<std::pair<std::string_view, Activation>, 17> kNames = {
      {{"none", Activation::None},
       {"relu", Activation::Relu},
       {"leaky-relu", Activation::LeakyRelu},
       {"elu", Activation::Elu},
       {"gelu", Activation::Gelu},
       {"gelu-tanh", Activation::GeluTanh},
       {"silu", Activation::Silu},
       {"sigmoid", Activation::Sigmoid},
       {"tanh", Activation::Tanh},
       {"softplus", Activation::Softplus},
       {"exp", Activation::Exp},
       {"log", Activation::Log},
       {"sqrt", Activation::Sqrt},
       {"rsqrt", Activation::Rsqrt},
       {"square", Activation::Square},
       {"abs", Activation::Abs},
       {"negate", Activation::Negate}}};
  for (const auto& [name, function] : kNames)
    if (name == wanted)
      return function;
  return std::nullopt;
}

Bounded activate(const Bounded& x, Activation function, double alpha, const Rounding& r) {
  const Step step = stepOf(r);
  const double u = step.unit;
  const Array size = x.value.abs();
  const Array exp_error = r.exp_error + r.exp_slope * size;
  Bounded y;
  switch (function) {
  case Activation::None: return x;
  case Activation::Relu: return kinked(x, 0, step);
  case Activation::LeakyRelu: return kinked(x, alpha, step);
  case Activation::Abs: return kinked(x, -1, step);
  case Activation::Negate: return negate(x);
  case Activation::Square: return multiply(x, x, step);
  case Activation::Exp: return exponential(x, r);
  case Activation::Log: return logarithm(x);
  case Activation::Sqrt: return squareRoot(x, step);
  case Activation::Rsqrt: return reciprocalRoot(x, step);
  case Activation::Elu: return elu(x, alpha, r);
  case Activation::Gelu: y = apply(x, kGelu); return own(y, 0x1p-21 * size + 4 * u * y.value.abs() + step.eta);
  case Activation::GeluTanh:
    y = apply(x, kGeluTanh);
    return own(y, size / 2 * (r.tanh_error + r.tanh_slope + 0x1p-21) + 4 * u * y.value.abs() + step.eta);
  case Activation::Silu:
    y = apply(x, kSilu);
    return own(y, y.value.abs() * (exp_error + 4 * u) + size * 0x1p-126 + step.eta);
  case Activation::Sigmoid: y = apply(x, kSigmoid); return own(y, y.value.abs() * (exp_error + 4 * u) + 0x1p-126);
  case Activation::Tanh: y = apply(x, kTanh); return own(y, r.tanh_error + r.tanh_slope * y.value.abs());
  case Activation::Softplus:
    y = apply(x, kSoftplus);
    return own(y, 0x1p-22 * (1 + y.value.abs()) + r.exp_error + r.exp_slope * size.min(128.0));
  }
  return x;
}

} // namespace kverify::oracle
