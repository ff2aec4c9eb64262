#pragma once
// Doubles as words, and sums and products of doubles without loss: Knuth's and Dekker's, the product with fma (Joldes,
// Muller and Popescu, "Tight and rigorous error bounds for basic building blocks of double-word arithmetic", 2017).
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

[[gnu::always_inline]] inline bool isFinite(double x) {
  return x - x == 0;
}
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

} // namespace kverify::simt::shadow
