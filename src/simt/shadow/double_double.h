#pragma once
// The double-double domain: word 0 and 1 are the value that exact arithmetic on the kernel's own operations gives (106
// bits; transcendental functions to 64), so the concrete value minus it is the accumulated rounding error. Word 2 says
// which operation brought most of that error: its share as a float, and its line's number.
//
// The share is first-order: an operation passes on its operands' shares times its derivatives, adds its own rounding,
// and keeps the largest; shares of one line add up in absolute value.
#include "simt/shadow/cell.h"

namespace kverify::simt::shadow {

struct DoubleDouble {
  double hi = 0, lo = 0;
};

inline Word wordOf(double x) {
  return __builtin_bit_cast(Word, x);
}
inline double doubleOf(Word w) {
  return __builtin_bit_cast(double, w);
}

/// Knuth's and Dekker's error-free sums, Dekker's product with fma (Joldes, Muller and Popescu 2017 for the bounds).
[[gnu::always_inline]] inline DoubleDouble twoSum(double a, double b) {
  double s = a + b, t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}
[[gnu::always_inline]] inline DoubleDouble quickTwoSum(double a, double b) {
  double s = a + b;
  return {s, b - (s - a)};
}
[[gnu::always_inline]] inline DoubleDouble twoProduct(double a, double b) {
  double p = a * b;
  return {p, __builtin_fma(a, b, -p)};
}
[[gnu::always_inline]] inline DoubleDouble add(DoubleDouble a, DoubleDouble b) {
  DoubleDouble s = twoSum(a.hi, b.hi), t = twoSum(a.lo, b.lo);
  s = quickTwoSum(s.hi, s.lo + t.hi);
  return quickTwoSum(s.hi, s.lo + t.lo);
}
[[gnu::always_inline]] inline DoubleDouble negative(DoubleDouble a) {
  return {-a.hi, -a.lo};
}
[[gnu::always_inline]] inline DoubleDouble multiply(DoubleDouble a, DoubleDouble b) {
  DoubleDouble p = twoProduct(a.hi, b.hi);
  return quickTwoSum(p.hi, p.lo + __builtin_fma(a.hi, b.lo, a.lo * b.hi));
}
inline DoubleDouble divide(DoubleDouble a, DoubleDouble b) {
  double q = a.hi / b.hi;
  DoubleDouble rest = add(a, negative(multiply(b, {q, 0})));
  double q2 = rest.hi / b.hi;
  rest = add(rest, negative(multiply(b, {q2, 0})));
  DoubleDouble s = quickTwoSum(q, q2);
  return add(s, {rest.hi / b.hi, 0});
}

/// Infinities have no error-free parts: then the plain result stands.
[[gnu::always_inline]] inline DoubleDouble settled(DoubleDouble x, double plain) {
  return x.lo - x.lo == 0 && x.hi - x.hi == 0 ? x : DoubleDouble{plain, 0};
}

/// Word 2.
struct Share {
  float error = 0;
  std::uint32_t site = 0;
};
[[gnu::always_inline]] inline Word pack(Share share) {
  return static_cast<Word>(__builtin_bit_cast(std::uint32_t, share.error)) << 32 | share.site;
}
[[gnu::always_inline]] inline Share shareOf(Word w) {
  return {__builtin_bit_cast(float, static_cast<std::uint32_t>(w >> 32)), static_cast<std::uint32_t>(w)};
}

// SiteRecord in this domain: first = largest local rounding error, in units of the result's magnitude; second = most
// bits lost to cancellation of operands that carried an error; third = largest relative error of a result; fourth = sum
// of absolute local errors.

} // namespace kverify::simt::shadow
