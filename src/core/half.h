#pragma once
// IEEE binary16 and bfloat16 to and from double: exact one way, round-to-nearest-even in a single step the other way,
// with subnormals, infinities and NaN (its sign kept, made quiet). Converting a float goes through double, which is
// exact.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace kverify {

namespace half_detail {

/// A 16-bit binary format with `kMantissa` stored mantissa bits.
template <int kMantissa>
struct Format16 {
  static constexpr int kExponentBits = 15 - kMantissa;
  static constexpr int kMinExponent = 2 - (1 << (kExponentBits - 1)); ///< of the smallest normal number
  static constexpr std::uint16_t kInfinity = static_cast<std::uint16_t>(((1u << kExponentBits) - 1) << kMantissa);

  static std::uint16_t encode(double value) {
    std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    if (std::isnan(value))
      return static_cast<std::uint16_t>(sign | kInfinity | (1u << (kMantissa - 1)));
    double magnitude = std::fabs(value);
    if (magnitude == 0)
      return sign;
    if (std::isinf(value))
      return static_cast<std::uint16_t>(sign | kInfinity);
    int exponent = std::max(std::ilogb(magnitude), kMinExponent);
    if (exponent > -kMinExponent + 1)
      return static_cast<std::uint16_t>(sign | kInfinity);
    // Scaled by a power of two, hence exactly, so that one unit is one step of the format; then one rounding to
    // nearest even. The hidden bit of `steps` adds the 1 by which exponent fields of normal numbers are offset, and a
    // carry out of the mantissa lands in the exponent as it should.
    double steps = std::nearbyint(std::ldexp(magnitude, kMantissa - exponent));
    auto bits = static_cast<std::uint32_t>(steps) + (static_cast<std::uint32_t>(exponent - kMinExponent) << kMantissa);
    return static_cast<std::uint16_t>(sign | std::min<std::uint32_t>(bits, kInfinity));
  }

  static double decode(std::uint16_t bits) {
    int field = (bits & 0x7fff) >> kMantissa;
    int mantissa = bits & ((1 << kMantissa) - 1);
    double magnitude;
    if (field == (1 << kExponentBits) - 1)
      magnitude = mantissa ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    else if (field == 0)
      magnitude = std::ldexp(mantissa, kMinExponent - kMantissa);
    else
      magnitude = std::ldexp(mantissa | (1 << kMantissa), field - 1 + kMinExponent - kMantissa);
    return std::copysign(magnitude, (bits & 0x8000) ? -1.0 : 1.0);
  }
};

} // namespace half_detail

inline std::uint16_t halfFromDouble(double value) {
  return half_detail::Format16<10>::encode(value);
}
inline double doubleFromHalf(std::uint16_t bits) {
  return half_detail::Format16<10>::decode(bits);
}
inline std::uint16_t bfloat16FromDouble(double value) {
  return half_detail::Format16<7>::encode(value);
}
inline double doubleFromBfloat16(std::uint16_t bits) {
  return half_detail::Format16<7>::decode(bits);
}

inline std::uint16_t halfFromFloat(float value) {
  return halfFromDouble(value);
}
inline float floatFromHalf(std::uint16_t bits) {
  return static_cast<float>(doubleFromHalf(bits));
}
inline std::uint16_t bfloat16FromFloat(float value) {
  return bfloat16FromDouble(value);
}
inline float floatFromBfloat16(std::uint16_t bits) {
  return static_cast<float>(doubleFromBfloat16(bits));
}

} // namespace kverify
