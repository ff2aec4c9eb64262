#pragma once
// Rotary position embedding, in double precision, with the error a correct kernel may make.
#include <cstdint>
#include <span>

#include "fuzz/oracle/rounding.h"

namespace kverify::oracle {

struct RopeProblem {
  std::int64_t b = 1, h = 1, n = 1, d = 1;
  std::span<const double> x;               ///< [b, h, n, d]
  std::span<const double> cosine, sine;    ///< [table, rotary / 2], or empty: angles from the base
  std::span<const std::int64_t> positions; ///< [b, n], or empty: 0 .. n-1
  std::int64_t table = 0;
  std::int64_t rotary = 1; ///< the first `rotary` channels turn, even; the others are copied
  double base = 10000;
  bool interleaved = false; ///< pairs (2 i, 2 i + 1); else (i, i + rotary / 2)
  bool inverse = false;     ///< turns back: the gradient
  bool fast_sine = false;   ///< __sinf, __cosf
};

/// (y1, y2) = (x1 cos - x2 sin, x2 cos + x1 sin) (J. Su et al., "RoFormer", 2021). With tables: two products and a sum,
/// |dy| <= 3u (|x1 cos| + |x2 sin|). With angles t = position base^(-2 i / rotary), |dt| <= |t| u (10 + 4 ln base)
/// (powf or exp2f with a rounded exponent, and the product) and the error of sinf and cosf, 2^-22 (__sinf: 2^-21 (1 +
/// |t|)), move cos and sin by at most |dt| + that. Then u_out |y| + eta_out.
Reference rope(const RopeProblem& problem, const Rounding& rounding);

} // namespace kverify::oracle
