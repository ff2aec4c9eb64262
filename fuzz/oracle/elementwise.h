#pragma once
// Elementwise operations, in double precision, with the error a correct kernel may make.
#include <cstdint>
#include <span>

#include "fuzz/oracle/activation.h"

namespace kverify::oracle {

struct ElementwiseProblem {
  std::int64_t rows = 1, n = 1;
  std::span<const double> x;    ///< [rows, n]
  std::span<const double> bias; ///< [n], or empty
  std::span<const double> z;    ///< [rows, n], or empty where nothing is combined
  Activation function = Activation::None;
  double alpha = 0; ///< of leaky-relu and elu
  enum class Combine { None, Add, Subtract, Multiply, Divide } combine = Combine::None;
};

/// y = f(x + bias) combined with z: SwiGLU is silu and multiply, a residual none and add. One rounding an operation,
/// activation.h for f.
Reference elementwise(const ElementwiseProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
