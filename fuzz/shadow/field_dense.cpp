// Matrix product, elementwise operations and rotary embedding, in the field. What chooses by a sign (relu) follows the
// concrete value, as the run does.
#include <cmath>
#include <numbers>
#include <optional>

#include <fmt/format.h>

#include "fuzz/oracle/activation.h"
#include "fuzz/shadow/field_spec.h"

namespace kverify::shadow {
namespace {

using namespace simt::shadow;
using oracle::Activation;

class Function {
public:
  Function(FieldCase& one, Activation function, double alpha)
      : f_(one.field), function_(function), one_(f_.exactly(1)), half_(f_.exactly(0.5)),
        root_half_(f_.multiply(f_.root(f_.exactly(2)), half_)), alpha_(one.constant(alpha)) {
    if (function != Activation::GeluTanh)
      return;
    constexpr double kCubic = 0.044715;
    const double root = std::sqrt(2 / std::numbers::pi);
    root_ = one.constant(root);
    cubic_ = one.constant(kCubic);
    one.know(root * kCubic, f_.multiply(root_, cubic_));
  }

  /// `concrete`: the value whose sign decides; nothing is asked where that is not known.
  FieldValue operator()(const FieldValue& x, std::optional<double> concrete) const {
    switch (function_) {
    case Activation::None: return x;
    case Activation::Relu: return bySign(concrete, x, f_.exactly(0));
    case Activation::LeakyRelu: return bySign(concrete, x, f_.multiply(alpha_, x));
    case Activation::Abs: return bySign(concrete, x, f_.negate(x));
    case Activation::Elu: {
      const FieldValue below = f_.multiply(alpha_, f_.subtract(f_.exponential(x), one_));
      return bySign(concrete, x, below);
    }
    case Activation::Negate: return f_.negate(x);
    case Activation::Square: return f_.multiply(x, x);
    case Activation::Exp: return f_.exponential(x);
    case Activation::Log: return bySign(concrete, f_.logarithm(x), open());
    case Activation::Sqrt: return bySign(concrete, f_.root(x), open());
    case Activation::Rsqrt: return bySign(concrete, f_.inverse(f_.root(x)), open());
    case Activation::Gelu: return f_.multiply(f_.multiply(x, half_), f_.add(one_, f_.erf(f_.multiply(x, root_half_))));
    case Activation::GeluTanh: {
      const FieldValue cube = f_.multiply(f_.multiply(x, x), x);
      const FieldValue inner = f_.multiply(root_, f_.add(x, f_.multiply(cubic_, cube)));
      return f_.multiply(f_.multiply(x, half_), f_.add(one_, f_.tanh(inner)));
    }
    case Activation::Silu: return f_.multiply(x, sigmoid(x));
    case Activation::Sigmoid: return sigmoid(x);
    case Activation::Tanh: return f_.tanh(x);
    case Activation::Softplus: return f_.logarithm(f_.add(one_, f_.exponential(x)));
    }
    return open();
  }

private:
  FieldValue sigmoid(const FieldValue& x) const { return f_.inverse(f_.add(one_, f_.exponential(f_.negate(x)))); }
  static FieldValue bySign(std::optional<double> concrete, const FieldValue& above, const FieldValue& below) {
    return !concrete ? open() : *concrete > 0 ? above : below;
  }

  const FieldArithmetic& f_;
  Activation function_;
  FieldValue one_, half_, root_half_, alpha_, root_, cubic_;
};

std::optional<Activation> activationOf(FieldCase& one, const std::string& option) {
  const std::string name = one.run.choice(option);
  const auto activation = oracle::parseActivation(name);
  if (!activation)
    one.out.uncovered = fmt::format("'{}' is not evaluated in the field", name);
  return activation;
}

} // namespace

void matmulInField(FieldCase& one) {
  const FieldArithmetic& f = one.field;
  const std::int64_t batch = one.run.axis("batch"), m = one.run.axis("m"), n = one.run.axis("n"), k = one.run.axis("k");
  const FieldValues a = one.operand("A"), b = one.operand("B"), c = one.operand("C"), bias = one.operand("bias");
  const auto ca = one.run.input("A"), cb = one.run.input("B"), cc = one.run.input("C"), cbias = one.run.input("bias");
  const double alpha = one.run.real("alpha"), beta = one.run.real("beta");
  const FieldValue alpha_field = one.constant(alpha), beta_field = one.constant(beta);
  const auto activation = activationOf(one, "activation");
  if (one.run.error() || !activation)
    return;
  const Function function(one, *activation, one.run.real("slope"));
  const bool adds = beta != 0 && !c.empty();
  auto at = [](std::int64_t i) { return static_cast<std::size_t>(i); };
  FieldValues& d = one.out.outputs["D"];
  for (std::int64_t e = 0; e < batch; ++e)
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        FieldValue sum;
        double value = 0, size = 0;
        for (std::int64_t x = 0; x < k; ++x) {
          const std::size_t left = at((e * m + i) * k + x), right = at((e * k + x) * n + j);
          f.accumulate(sum, a[left], b[right]);
          value += ca[left] * cb[right];
          size += std::fabs(ca[left] * cb[right]);
        }
        sum = f.multiply(sum, alpha_field);
        value *= alpha, size *= std::fabs(alpha);
        const std::size_t out = at((e * m + i) * n + j);
        if (adds) {
          f.accumulate(sum, beta_field, c[out]);
          value += beta * cc[out], size += std::fabs(beta * cc[out]);
        }
        if (!bias.empty()) {
          sum = f.add(sum, bias[at(j)]);
          value += cbias[at(j)], size += std::fabs(cbias[at(j)]);
        }
        // Rounding may turn the sign of what is small: nothing is asked there.
        d.push_back(function(sum, std::fabs(value) > 0x1p-6 * size ? std::optional(value) : std::nullopt));
      }
  one.bound(4, 8);
}

void elementwiseInField(FieldCase& one) {
  const FieldArithmetic& f = one.field;
  const FieldValues x = one.operand("x"), z = one.operand("z"), bias = one.operand("bias");
  const auto cx = one.run.input("x"), cbias = one.run.input("bias");
  const std::string combine = one.run.choice("combine");
  const auto activation = activationOf(one, "function");
  if (one.run.error() || !activation)
    return;
  const Function function(one, *activation, one.run.real("alpha"));
  const auto n = static_cast<std::size_t>(one.run.axis("n"));
  FieldValues& y = one.out.outputs["y"];
  for (std::size_t i = 0; i < x.size(); ++i) {
    // A rounded sum of two numbers has the sign of the exact one.
    const double concrete = cx[i] + (bias.empty() ? 0 : cbias[i % n]);
    FieldValue value = function(bias.empty() ? x[i] : f.add(x[i], bias[i % n]), concrete);
    if (!value.is(kUnknown) && !z.empty()) {
      if (combine == "add")
        value = f.add(value, z[i]);
      else if (combine == "subtract")
        value = f.subtract(value, z[i]);
      else if (combine == "multiply")
        value = f.multiply(value, z[i]);
      else if (combine == "divide")
        value = f.divide(value, z[i]);
    }
    y.push_back(value);
  }
  one.bound(4, 8);
}

void ropeInField(FieldCase& one) {
  const FieldArithmetic& f = one.field;
  const std::int64_t b = one.run.axis("b"), h = one.run.axis("h"), n = one.run.axis("n"), d = one.run.axis("d");
  const std::int64_t rotary = one.run.integer("rotary");
  if (!one.run.has("cos") || !one.run.has("sin")) {
    one.out.uncovered = "the kernel computes its angles: the field has cosines and sines only from tables";
    return;
  }
  const std::int64_t rows = one.run.axis("p"), half = one.run.axis("half");
  const auto positions = one.run.integers("positions", 0, rows - 1);
  const bool interleaved = one.run.choice("style") == "interleaved", inverse = one.run.choice("direction") == "inverse";
  const FieldValues x = one.operand("x");
  if (one.run.error() || half * 2 != rotary)
    return;
  // The tables hold points of a circle: kernels may use that they do.
  FieldValues &cosine = one.out.given["cos"], &sine = one.out.given["sin"];
  for (std::int64_t i = 0; i < rows * half; ++i) {
    FieldValue t = f.random(~std::uint64_t{3}, static_cast<std::uint64_t>(i));
    t.tag |= kData;
    const FieldValue square = f.multiply(t, t), below = f.inverse(f.add(f.exactly(1), square));
    cosine.push_back(f.multiply(f.subtract(f.exactly(1), square), below));
    sine.push_back(f.multiply(f.add(t, t), below));
  }
  FieldValues& y = one.out.outputs["y"];
  y = x;
  for (std::int64_t row = 0; row < b * h * n; ++row) {
    const std::int64_t token = row % n, batch = row / n / h;
    const std::int64_t position = positions.empty() ? token : positions[static_cast<std::size_t>(batch * n + token)];
    for (std::int64_t pair = 0; pair < half; ++pair) {
      const auto first = static_cast<std::size_t>(row * d + (interleaved ? 2 * pair : pair));
      const std::size_t second = first + static_cast<std::size_t>(interleaved ? 1 : half);
      const auto angle = static_cast<std::size_t>(position * half + pair);
      const FieldValue &c = cosine[angle], s = inverse ? f.negate(sine[angle]) : sine[angle];
      y[first] = f.subtract(f.multiply(x[first], c), f.multiply(x[second], s));
      y[second] = f.add(f.multiply(x[second], c), f.multiply(x[first], s));
    }
  }
  one.bound(0, 8);
}

} // namespace kverify::shadow
