#pragma once
// Shared by the sources of the device runtime (compiled to x86-64-v3 bitcode, no libc headers needed at run time).
#include <immintrin.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "simt/math/flags.h"
#include "simt/math/soft_float.h"

#define KV_DEVICE extern "C" __attribute__((visibility("default")))

namespace kverify::simt::math {

inline float floatOf(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}
inline std::uint32_t bitsOf(float x) {
  return std::bit_cast<std::uint32_t>(x);
}
inline double doubleOf(std::uint64_t bits) {
  return std::bit_cast<double>(bits);
}
inline std::uint64_t bitsOf(double x) {
  return std::bit_cast<std::uint64_t>(x);
}

inline float canonicalNan(float) {
  return floatOf(0x7fffffffu);
}
inline double canonicalNan(double) {
  return doubleOf(0xfff8000000000000ull);
}

inline float flush(float x) {
  return std::fabs(x) < 0x1p-126f ? std::copysign(0.0f, x) : x;
}
inline double flush(double x) {
  return x;
}

template <class T>
T flushIf(T x, std::uint32_t flags) {
  return flags & kFlush ? flush(x) : x;
}

/// .ftz, .sat and .relu on a result. The GPU has one NaN in fp32; in fp64 payloads pass.
template <class T>
T finish(T x, std::uint32_t flags) {
  if (flags & kFlush)
    x = flush(x);
  if (flags & kSaturate)
    x = x > T(0) ? (x < T(1) ? x : T(1)) : T(0);
  if (flags & kRelu)
    x = x > T(0) ? x : x == x ? T(0) : canonicalNan(x);
  return sizeof(T) == 4 && x != x ? canonicalNan(x) : x;
}

inline float halfToFloat(std::uint32_t h) {
  return _cvtsh_ss(static_cast<unsigned short>(h));
}
inline float bfloatToFloat(std::uint32_t h) {
  return floatOf(h << 16);
}

inline std::uint32_t floatToHalf(float x, std::uint32_t flags) {
  if (x != x)
    return 0x7fff;
  switch (flags & kRoundingMask) {
  case kNearestEven: return _cvtss_sh(x, 0);
  case kDown: return _cvtss_sh(x, 1);
  case kUp: return _cvtss_sh(x, 2);
  case kTowardZero: return _cvtss_sh(x, 3);
  default: return static_cast<std::uint32_t>(F16::from(static_cast<double>(x), flags));
  }
}

inline std::uint32_t floatToBfloat(float x, std::uint32_t flags) {
  if (x != x)
    return 0x7fff;
  const std::uint32_t bits = bitsOf(x);
  if ((flags & kRoundingMask) == kNearestEven)
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  if ((flags & kRoundingMask) == kTowardZero)
    return bits >> 16;
  return static_cast<std::uint32_t>(Bf16::from(static_cast<double>(x), flags));
}

/// The sum a+b rounded to odd: rounding it once more to at most 50 bits gives the correctly rounded sum.
inline double addOdd(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  const double error = (a - (sum - part)) + (b - part);
  if (error == 0 || !(error == error) || std::isinf(sum))
    return sum;
  auto bits = bitsOf(sum);
  if (bits & 1)
    return sum;
  // The exact sum lies between `sum` and its neighbour on the side of `error`: the odd one of the two.
  const bool outward = (error > 0) == (sum > 0);
  return doubleOf(outward ? bits + 1 : bits - 1);
}

/// A double (exact, or rounded to odd) to float in any rounding mode.
inline float roundToFloat(double x, std::uint32_t flags) {
  auto f = static_cast<float>(x);
  const std::uint32_t mode = flags & kRoundingMask;
  if (mode == kNearestEven || f != f || std::isinf(x))
    return f;
  const double back = f;
  const bool too_far = mode == kTowardZero ? std::fabs(back) > std::fabs(x)
                       : mode == kDown     ? back > x
                       : mode == kUp       ? back < x
                                           : false;
  if (!too_far)
    return f;
  const auto bits = bitsOf(f);
  const bool toward_zero = mode == kTowardZero || (mode == kDown) == (back > 0);
  if (mode != kTowardZero && f == 0)
    return floatOf(mode == kDown ? 0x80000001u : 1u);
  return floatOf(toward_zero ? bits - 1 : bits + 1);
}

} // namespace kverify::simt::math
