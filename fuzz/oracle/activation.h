#pragma once
// Functions of one variable and their errors: activations of matrix products, elementwise operations.
#include <optional>
#include <string_view>

#include "fuzz/oracle/bounded.h"

namespace kverify::oracle {

enum class Activation {
  None,
  Relu,
  LeakyRelu,
  Elu,
  Gelu,
  GeluTanh,
  Silu,
  Sigmoid,
  Tanh,
  Softplus,
  Exp,
  Log,
  Sqrt,
  Rsqrt,
  Square,
  Abs,
  Negate,
};
std::optional<Activation> parseActivation(std::string_view name);

/// f(x) with what x's error makes of it and the function's own error (one evaluation in f32; CUDA C++ Programming
/// Guide, "Mathematical Functions", for the ulps):
///   propagated   |f(x + e) - f(x)| <= min(L e, |f'(x)| e + M e^2 / 2), with L = sup |f'| and M = sup |f''|; monotone
///                functions without such an L (exp, log, square, roots) by their own formulas
///   gelu         x/2 (1 + erf(x / sqrt 2)): |x| 2^-21 + 4u |y|; the sum cancels for x < 0, so its error is absolute
///   gelu-tanh    x/2 (1 + tanh(...)): |x|/2 (tanh_error + tanh_slope + 2^-21) + 4u |y|
///   silu         x / (1 + e^-x): |y| (eps_exp + slope |x| + 4u) + |x| 2^-126
///   sigmoid      the same with y; tanh: tanh_error + tanh_slope |y|; softplus: 2^-22 (1 + |y|) + eps_exp
///   elu          alpha (e^x - 1) for x < 0: |alpha| (eps_exp + slope |x| + 2u)
///   exp          eps_exp + slope |x| relative; log, sqrt, rsqrt: 2 ulp; the others: exact or one rounding
/// Kernels that use other formulas (erfc, expm1) are more accurate than this.
Bounded activate(const Bounded& x, Activation function, double alpha, const Rounding& rounding);

} // namespace kverify::oracle
