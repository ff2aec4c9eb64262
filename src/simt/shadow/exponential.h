#pragma once
// exp and 2^x of a double to about 70 bits: x = k ln2 / 32 + r, 2^(k/32) from a table, exp(r) by its series with the
// first two terms in double-double (P. T. P. Tang, "Table-driven implementation of the exponential function in IEEE
// floating-point arithmetic", ACM TOMS 15(2), 1989).
#include "simt/shadow/real.h"

namespace kverify::simt::shadow {

/// 2^(k/32), as sums of two doubles.
inline constexpr double kPowersOfTwo[32][2] = {{0x1.0000000000000p+0, 0},
                                               {0x1.059b0d3158574p+0, 0x1.d73e2a475b465p-55},
                                               {0x1.0b5586cf9890fp+0, 0x1.8a62e4adc610bp-54},
                                               {0x1.11301d0125b51p+0, -0x1.6c51039449b3ap-54},
                                               {0x1.172b83c7d517bp+0, -0x1.19041b9d78a76p-55},
                                               {0x1.1d4873168b9aap+0, 0x1.e016e00a2643cp-54},
                                               {0x1.2387a6e756238p+0, 0x1.9b07eb6c70573p-54},
                                               {0x1.29e9df51fdee1p+0, 0x1.612e8afad1255p-55},
                                               {0x1.306fe0a31b715p+0, 0x1.6f46ad23182e4p-55},
                                               {0x1.371a7373aa9cbp+0, -0x1.63aeabf42eae2p-54},
                                               {0x1.3dea64c123422p+0, 0x1.ada0911f09ebcp-55},
                                               {0x1.44e086061892dp+0, 0x1.89b7a04ef80d0p-59},
                                               {0x1.4bfdad5362a27p+0, 0x1.d4397afec42e2p-56},
                                               {0x1.5342b569d4f82p+0, -0x1.07abe1db13cadp-55},
                                               {0x1.5ab07dd485429p+0, 0x1.6324c054647adp-54},
                                               {0x1.6247eb03a5585p+0, -0x1.383c17e40b497p-54},
                                               {0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54},
                                               {0x1.71f75e8ec5f74p+0, -0x1.16e4786887a99p-55},
                                               {0x1.7a11473eb0187p+0, -0x1.41577ee04992fp-55},
                                               {0x1.82589994cce13p+0, -0x1.d4c1dd41532d8p-54},
                                               {0x1.8ace5422aa0dbp+0, 0x1.6e9f156864b27p-54},
                                               {0x1.93737b0cdc5e5p+0, -0x1.75fc781b57ebcp-57},
                                               {0x1.9c49182a3f090p+0, 0x1.c7c46b071f2bep-56},
                                               {0x1.a5503b23e255dp+0, -0x1.d2f6edb8d41e1p-54},
                                               {0x1.ae89f995ad3adp+0, 0x1.7a1cd345dcc81p-54},
                                               {0x1.b7f76f2fb5e47p+0, -0x1.5584f7e54ac3bp-56},
                                               {0x1.c199bdd85529cp+0, 0x1.11065895048ddp-55},
                                               {0x1.cb720dcef9069p+0, 0x1.503cbd1e949dbp-56},
                                               {0x1.d5818dcfba487p+0, 0x1.2ed02d75b3707p-55},
                                               {0x1.dfc97337b9b5fp+0, -0x1.1a5cd4f184b5cp-54},
                                               {0x1.ea4afa2a490dap+0, -0x1.e9c23179c2893p-54},
                                               {0x1.f50765b6e4540p+0, 0x1.9d3e12dd8a18bp-54}};

/// 2^(k/32) exp(r + low) for |r| <= ln2 / 64, low far below it.
[[gnu::always_inline]] inline DoubleDouble scaledExponential(std::int64_t k, double r, double low) {
  const DoubleDouble square = twoProduct(r, r);
  double rest = 1.0 / 40320;
  rest = __builtin_fma(rest, r, 1.0 / 5040);
  rest = __builtin_fma(rest, r, 1.0 / 720);
  rest = __builtin_fma(rest, r, 1.0 / 120);
  rest = __builtin_fma(rest, r, 1.0 / 24);
  rest = __builtin_fma(rest, r, 1.0 / 6);
  // exp(r) - 1 = r + r^2/2 + r^3 rest
  DoubleDouble series = quickTwoSum(r, 0.5 * square.hi);
  series.lo += __builtin_fma(square.hi * r, rest, 0.5 * square.lo) + __builtin_fma(low, r, low);
  const double high = kPowersOfTwo[k & 31][0], tail = kPowersOfTwo[k & 31][1];
  const DoubleDouble moved = twoProduct(high, series.hi);
  DoubleDouble sum = quickTwoSum(high, moved.hi);
  sum.lo += moved.lo + __builtin_fma(high, series.lo, __builtin_fma(tail, series.hi, tail));
  const double scale = __builtin_bit_cast(double, static_cast<std::uint64_t>(1023 + (k >> 5)) << 52);
  sum = quickTwoSum(sum.hi, sum.lo);
  return {sum.hi * scale, sum.lo * scale};
}

/// |x| <= 700.
[[gnu::always_inline]] inline DoubleDouble exponentialOf(double x) {
  constexpr double kMagic = 0x1.8p52;
  const double k = (x * 0x1.71547652b82fep+5 + kMagic) - kMagic;
  const double first = __builtin_fma(-k, 0x1.62e42fee00000p-6, x); // exact: k has 15 bits, the constant 32
  const double r = __builtin_fma(-k, 0x1.a39ef35793c76p-38, first);
  const double low = __builtin_fma(-k, 0x1.a39ef35793c76p-38, first - r) - k * 0x1.cc01f97b57a08p-92;
  return scaledExponential(static_cast<std::int64_t>(k), r, low);
}

/// 2^x, |x| <= 1000.
[[gnu::always_inline]] inline DoubleDouble powerOfTwo(double x) {
  constexpr double kMagic = 0x1.8p52;
  const double k = (x * 32 + kMagic) - kMagic;
  const double step = x - k / 32;
  const DoubleDouble r = twoProduct(step, 0x1.62e42fefa39efp-1);
  return scaledExponential(static_cast<std::int64_t>(k), r.hi, __builtin_fma(step, 0x1.abc9e3b39803fp-56, r.lo));
}

} // namespace kverify::simt::shadow
