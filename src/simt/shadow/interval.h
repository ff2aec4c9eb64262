#pragma once
// The interval domain: words 0 and 1 are doubles between which the exact result of the kernel's operations on this
// input lies. Every operation is done to nearest and widened by more than half a unit in the last place.
//
// SiteRecord in this domain: first = largest width, second = largest width over magnitude, third = comparisons of
// overlapping intervals (the exact run might have taken the other branch).
#include "simt/shadow/real.h"

namespace kverify::simt::shadow {

struct Interval {
  double low = 0, high = 0;
};

// |x| 2^-52 is at least one unit in the last place of a normal x; the smallest subnormal covers the rest.
// A sum that overflowed is finite in exact arithmetic: infinities do not bound from the wrong side.
[[gnu::always_inline]] inline double below(double x) {
  return x > 0x1.fffffffffffffp1023 ? 0x1.fffffffffffffp1023 : x - (__builtin_fabs(x) * 0x1p-52 + 0x1p-1074);
}
[[gnu::always_inline]] inline double above(double x) {
  return x < -0x1.fffffffffffffp1023 ? -0x1.fffffffffffffp1023 : x + (__builtin_fabs(x) * 0x1p-52 + 0x1p-1074);
}
/// A bound that is no number (inf - inf) bounds nothing.
[[gnu::always_inline]] inline Interval outward(double low, double high) {
  low = below(low), high = above(high);
  return {low == low ? low : -__builtin_inf(), high == high ? high : __builtin_inf()};
}
[[gnu::always_inline]] inline double least(double a, double b) {
  return a != a || b != b ? -__builtin_inf() : a < b ? a : b;
}
[[gnu::always_inline]] inline double most(double a, double b) {
  return a != a || b != b ? __builtin_inf() : a > b ? a : b;
}
[[gnu::always_inline]] inline Interval sum(Interval a, Interval b) {
  return outward(a.low + b.low, a.high + b.high);
}
[[gnu::always_inline]] inline Interval opposite(Interval a) {
  return {-a.high, -a.low};
}
/// Ends of the four products; 0 * inf is 0 here, since the infinite end only says that nothing is known beyond.
[[gnu::always_inline]] inline Interval product(Interval a, Interval b) {
  auto times = [](double x, double y) { return x == 0 || y == 0 ? 0.0 : x * y; };
  double ll = times(a.low, b.low), lh = times(a.low, b.high), hl = times(a.high, b.low), hh = times(a.high, b.high);
  return outward(least(least(ll, lh), least(hl, hh)), most(most(ll, lh), most(hl, hh)));
}
inline Interval quotient(Interval a, Interval b) {
  if (!(b.low > 0 || b.high < 0))
    return {-__builtin_inf(), __builtin_inf()};
  double ll = a.low / b.low, lh = a.low / b.high, hl = a.high / b.low, hh = a.high / b.high;
  return outward(least(least(ll, lh), least(hl, hh)), most(most(ll, lh), most(hl, hh)));
}

} // namespace kverify::simt::shadow
