#pragma once
// Matrix product with epilogue, in double precision, with the error a correct kernel may make.
#include <cstdint>
#include <span>

#include "fuzz/oracle/activation.h"

namespace kverify::oracle {

struct MatmulProblem {
  std::int64_t batch = 1, m = 1, n = 1, k = 1;
  std::span<const double> a;    ///< [batch, m, k]
  std::span<const double> b;    ///< [batch, k, n]
  std::span<const double> c;    ///< [batch, m, n], or empty
  std::span<const double> bias; ///< [n], or empty
  double alpha = 1, beta = 0;   ///< c is not read where beta is 0
  Activation activation = Activation::None;
  double slope = 0; ///< of leaky-relu and elu
};

/// D = f(alpha A B + beta C + bias). Higham section 3.5: |d(AB)| <= gamma |A||B| with gamma = (k + 4 T + 4) u of the
/// declared accumulator and tile (2 u_tf32 more where the operands are rounded to tf32), in any order of summation;
/// then one rounding each for alpha, beta, the sums, and activation.h for f; u_out |D| + eta_out for the store.
Reference matmul(const MatmulProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
