#pragma once
// IEEE binary16, bfloat16 and the 8-bit E4M3 and E5M2 to and from double: exact one way, round-to-nearest-even in a single
// step the other way, with subnormals, infinities and NaN (its sign kept, made quiet). Converting a float goes through
// double, which is exact. E4M3 has no infinities: what is infinite, or rounds beyond 448, becomes its one NaN (P. Micikevicius
// et al., "FP8 Formats for Deep Learning", 2022; OCP 8-bit Floating Point Specification 1.0).
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace kverify {

namespace half_detail {

/// 2^exponent, of a normal double. A product with it is exact where ldexp would be, and no call of the C library: tensors
/// are converted element by element.
constexpr double powerOfTwo(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

/// As std::ilogb of a finite magnitude above 0, but -1023 of every subnormal one, which is below all formats here.
inline int exponentOf(double magnitude) {
  return static_cast<int>(std::bit_cast<std::uint64_t>(magnitude) >> 52) - 1023;
}

/// An IEEE-like binary format of `kBits` bits with `kMantissa` stored mantissa bits.
template <int kBits, int kMantissa>
struct SmallFormat {
  static constexpr int kExponentBits = kBits - 1 - kMantissa;
  static constexpr int kMinExponent = 2 - (1 << (kExponentBits - 1)); ///< of the smallest normal number
  static constexpr std::uint16_t kSign = static_cast<std::uint16_t>(1u << (kBits - 1));
  static constexpr std::uint16_t kInfinity = static_cast<std::uint16_t>(((1u << kExponentBits) - 1) << kMantissa);

  static std::uint16_t encode(double value) {
    std::uint16_t sign = std::signbit(value) ? kSign : 0;
    if (std::isnan(value))
      return static_cast<std::uint16_t>(sign | kInfinity | (1u << (kMantissa - 1)));
    double magnitude = std::fabs(value);
    if (magnitude == 0)
      return sign;
    if (std::isinf(value))
      return static_cast<std::uint16_t>(sign | kInfinity);
    int exponent = std::max(exponentOf(magnitude), kMinExponent);
    if (exponent > -kMinExponent + 1)
      return static_cast<std::uint16_t>(sign | kInfinity);
    // Scaled by a power of two, hence exactly, so that one unit is one step of the format; then one rounding to
    // nearest even. The hidden bit of `steps` adds the 1 by which exponent fields of normal numbers are offset, and a
    // carry out of the mantissa lands in the exponent as it should.
    double steps = std::nearbyint(magnitude * powerOfTwo(kMantissa - exponent));
    auto bits = static_cast<std::uint32_t>(steps) + (static_cast<std::uint32_t>(exponent - kMinExponent) << kMantissa);
    return static_cast<std::uint16_t>(sign | std::min<std::uint32_t>(bits, kInfinity));
  }

  static double decode(std::uint16_t bits) {
    int field = (bits & (kSign - 1)) >> kMantissa;
    int mantissa = bits & ((1 << kMantissa) - 1);
    double magnitude;
    if (field == (1 << kExponentBits) - 1)
      magnitude = mantissa ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    else if (field == 0)
      magnitude = mantissa * powerOfTwo(kMinExponent - kMantissa);
    else
      magnitude = (mantissa | (1 << kMantissa)) * powerOfTwo(field - 1 + kMinExponent - kMantissa);
    return std::copysign(magnitude, (bits & kSign) ? -1.0 : 1.0);
  }
};

/// E4M3: the exponents of an infinity and above are numbers like any other, up to 448; all ones is NaN.
struct E4M3Format {
  static constexpr int kMantissa = 3, kMinExponent = -6;
  static constexpr std::uint8_t kSign = 0x80, kNaN = 0x7f;

  static std::uint8_t encode(double value) {
    const std::uint8_t sign = std::signbit(value) ? kSign : 0;
    const double magnitude = std::fabs(value);
    if (magnitude == 0)
      return sign;
    if (!(magnitude <= 464)) // halfway to the next number, and tied to the even 448; a NaN comes here, too
      return sign | kNaN;
    const int exponent = std::max(exponentOf(magnitude), kMinExponent);
    const double steps = std::nearbyint(magnitude * powerOfTwo(kMantissa - exponent)); // as in SmallFormat
    const int bits = static_cast<int>(steps) + ((exponent - kMinExponent) << kMantissa);
    return static_cast<std::uint8_t>(sign | bits);
  }

  static double decode(std::uint8_t bits) {
    const int field = (bits & ~kSign & 0xff) >> kMantissa, mantissa = bits & 7;
    double magnitude = (mantissa | 8) * powerOfTwo(field - 1 + kMinExponent - kMantissa);
    if (field == 0)
      magnitude = mantissa * powerOfTwo(kMinExponent - kMantissa);
    if ((bits & kNaN) == kNaN)
      magnitude = std::numeric_limits<double>::quiet_NaN();
    return std::copysign(magnitude, (bits & kSign) ? -1.0 : 1.0);
  }
};

} // namespace half_detail

inline std::uint16_t halfFromDouble(double value) {
  return half_detail::SmallFormat<16, 10>::encode(value);
}
inline double doubleFromHalf(std::uint16_t bits) {
  return half_detail::SmallFormat<16, 10>::decode(bits);
}
inline std::uint16_t bfloat16FromDouble(double value) {
  return half_detail::SmallFormat<16, 7>::encode(value);
}
inline double doubleFromBfloat16(std::uint16_t bits) {
  return half_detail::SmallFormat<16, 7>::decode(bits);
}
inline std::uint8_t e5m2FromDouble(double value) {
  return static_cast<std::uint8_t>(half_detail::SmallFormat<8, 2>::encode(value));
}
inline double doubleFromE5m2(std::uint8_t bits) {
  return half_detail::SmallFormat<8, 2>::decode(bits);
}
inline std::uint8_t e4m3FromDouble(double value) {
  return half_detail::E4M3Format::encode(value);
}
inline double doubleFromE4m3(std::uint8_t bits) {
  return half_detail::E4M3Format::decode(bits);
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
