#pragma once
// Rounding to any small binary format in integers: the one place where conversions round. Used by the device runtime
// (bitcode) and by host code alike.
#include <bit>
#include <cmath>
#include <cstdint>

#include "simt/math/flags.h"

namespace kverify::simt::math {

/// (-1)^negative · significand · 2^exponent, plus a positive amount below the last bit where `sticky`.
struct Exact {
  bool negative;
  std::uint64_t significand;
  int exponent;
  bool sticky;
};

inline Exact unpack(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const int biased = static_cast<int>(bits >> 52 & 0x7ff);
  const std::uint64_t fraction = bits & 0xfffffffffffffull;
  return {(bits >> 63) != 0, biased ? fraction | 1ull << 52 : fraction, (biased ? biased : 1) - 1075, false};
}

enum class Overflow { Infinity, Largest };

/// ExponentBits and FractionBits of an IEEE-like format; Fn: e4m3's kind, without infinities, all ones is the NaN.
template <int ExponentBits, int FractionBits, bool Fn = false>
struct Format {
  static constexpr int kMinExponent = 2 - (1 << (ExponentBits - 1));
  static constexpr std::uint64_t kInfinity = ((1ull << ExponentBits) - 1) << FractionBits;
  static constexpr std::uint64_t kLargest = Fn ? (1ull << (ExponentBits + FractionBits)) - 2 : kInfinity - 1;
  static constexpr std::uint64_t kNan = (1ull << (ExponentBits + FractionBits)) - 1; // canonical: all ones
  static constexpr std::uint64_t kSign = 1ull << (ExponentBits + FractionBits);

  static std::uint64_t overflow(bool negative, std::uint32_t flags) {
    const std::uint32_t mode = flags & kRoundingMask;
    const bool largest =
        (flags & kSaturateFinite) || mode == kTowardZero || (mode == kDown && !negative) || (mode == kUp && negative);
    return (negative ? kSign : 0) | (largest ? kLargest : Fn ? kNan : kInfinity);
  }

  static std::uint64_t round(Exact x, std::uint32_t flags) {
    const std::uint64_t sign = x.negative ? kSign : 0;
    if (x.significand == 0)
      return sign;
    const int zeros = std::countl_zero(x.significand);
    const std::uint64_t top = x.significand << zeros;
    const int exponent = x.exponent - zeros + 63;
    const bool normal = exponent >= kMinExponent;
    const int drop = 63 - FractionBits + (normal ? 0 : kMinExponent - exponent);
    std::uint64_t kept = 0;
    bool half = false, rest = true;
    if (drop < 64) {
      kept = top >> drop;
      half = top >> (drop - 1) & 1;
      rest = (top & ((1ull << (drop - 1)) - 1)) != 0 || x.sticky;
    } else if (drop == 64) {
      half = true;
      rest = (top << 1) != 0 || x.sticky;
    }
    bool up = false;
    switch (flags & kRoundingMask) {
    case kNearestEven: up = half && (rest || (kept & 1)); break;
    case kNearestAway: up = half; break;
    case kDown: up = x.negative && (half || rest); break;
    case kUp: up = !x.negative && (half || rest); break;
    default: break;
    }
    kept += up;
    if (normal)
      kept += (static_cast<std::uint64_t>(exponent - kMinExponent)) << FractionBits;
    return kept > kLargest ? overflow(x.negative, flags) : sign | kept;
  }

  static std::uint64_t from(double x, std::uint32_t flags) {
    if (x != x)
      return kNan;
    const bool negative = std::signbit(x);
    if (std::isinf(x))
      return (flags & kSaturateFinite) ? (negative ? kSign : 0) | kLargest
             : Fn                      ? kNan
                                       : (negative ? kSign : 0) | kInfinity;
    return round(unpack(x), flags);
  }

  static std::uint64_t from(bool negative, std::uint64_t magnitude, std::uint32_t flags) {
    return round({negative, magnitude, 0, false}, flags);
  }
};

using F16 = Format<5, 10>;
using Bf16 = Format<8, 7>;
using Tf32 = Format<8, 10>;
using F32 = Format<8, 23>;
using F64 = Format<11, 52>;
using E4m3 = Format<4, 3, true>;
using E5m2 = Format<5, 2>;

} // namespace kverify::simt::math
