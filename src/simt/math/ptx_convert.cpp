// Conversions of the device runtime: cvt of PTX ISA 8.x (section "cvt").
#include "simt/math/device.h"

using namespace kverify::simt::math;

namespace {

template <class T>
T adjust(T x, std::uint32_t flags) {
  return finish(x, flags & (kFlush | kSaturate | kRelu));
}

template <class T>
T rint(T x, std::uint32_t flags) {
  switch (flags & kRoundingMask) {
  case kNearestEven: return __builtin_roundeven(x);
  case kTowardZero: return std::trunc(x);
  case kDown: return std::floor(x);
  default: return std::ceil(x);
  }
}

std::uint64_t magnitudeOf(std::int64_t x) {
  return x < 0 ? ~static_cast<std::uint64_t>(x) + 1 : static_cast<std::uint64_t>(x);
}

/// Payloads pass from f64 (from f32 they don't).
std::uint32_t nanFromDouble(double x, std::uint32_t quiet, std::uint32_t fraction, int shift) {
  return (std::signbit(x) ? 0x8000u : 0u) | quiet | static_cast<std::uint32_t>(bitsOf(x) >> shift & fraction);
}

/// e4m3 widens exactly: its fraction and exponent placed into a float, rebiased by a power of two.
float widenE4m3(std::uint32_t x) {
  const float magnitude = floatOf((x & 0x7f) << 20) * 0x1p120f;
  return x & 0x80 ? -magnitude : magnitude;
}

} // namespace

KV_DEVICE float kv_half_to_float(std::uint32_t h, std::uint32_t flags) {
  if ((flags & kFlush) && (h & 0x7c00) == 0)
    h &= 0x8000;
  return halfToFloat(h);
}
KV_DEVICE float kv_bfloat_to_float(std::uint32_t h) {
  return bfloatToFloat(h);
}
KV_DEVICE float kv_e5m2_to_float(std::uint32_t x) {
  return halfToFloat(x << 8);
}
KV_DEVICE float kv_e4m3_to_float(std::uint32_t x) {
  return (x & 0x7f) == 0x7f ? floatOf(0x7fffffffu) : widenE4m3(x);
}
KV_DEVICE float kv_flush_f32(float x) {
  return flush(x);
}
KV_DEVICE float kv_rint_f32(float x, std::uint32_t flags) {
  return rint(x, flags);
}
KV_DEVICE double kv_rint_f64(double x, std::uint32_t flags) {
  return rint(x, flags);
}

// To f16 and bf16. (float: fast paths; else the integers of soft_float.h)
KV_DEVICE std::uint32_t kv_cvt_f16_f32(float x, std::uint32_t flags) {
  x = adjust(x, flags);
  if ((flags & kSaturateFinite) && x == x && std::fabs(x) > 65504.0f)
    x = std::copysign(65504.0f, x);
  return floatToHalf(x, flags);
}
KV_DEVICE std::uint32_t kv_cvt_bf16_f32(float x, std::uint32_t flags) {
  x = adjust(x, flags);
  if ((flags & kSaturateFinite) && x == x && std::fabs(x) > 0x1.fep127f)
    x = std::copysign(0x1.fep127f, x);
  return floatToBfloat(x, flags);
}
KV_DEVICE std::uint32_t kv_cvt_f16_f64(double x, std::uint32_t flags) {
  if (x != x && !(flags & kSaturate))
    return nanFromDouble(x, 0x7e00, 0x3ff, 42);
  return static_cast<std::uint32_t>(F16::from(adjust(x, flags), flags));
}
KV_DEVICE std::uint32_t kv_cvt_bf16_f64(double x, std::uint32_t flags) {
  if (x != x && !(flags & kSaturate))
    return nanFromDouble(x, 0x7fc0, 0x7f, 45);
  return static_cast<std::uint32_t>(Bf16::from(adjust(x, flags), flags));
}
// A tf32 fills a 32-bit register; the low 13 bits are zero.
KV_DEVICE std::uint32_t kv_cvt_tf32_f32(float x, std::uint32_t flags) {
  if (x != x)
    return (flags & kRoundingMask) == kNearestAway ? bitsOf(x) & 0xffffe000u : 0x7fffe000u;
  x = adjust(x, flags);
  return static_cast<std::uint32_t>(Tf32::from(static_cast<double>(x), flags) << 13);
}
KV_DEVICE std::uint32_t kv_cvt_e4m3_f32(float x, std::uint32_t flags) {
  return static_cast<std::uint32_t>(E4m3::from(static_cast<double>(adjust(x, flags)), flags));
}
KV_DEVICE std::uint32_t kv_cvt_e5m2_f32(float x, std::uint32_t flags) {
  return static_cast<std::uint32_t>(E5m2::from(static_cast<double>(adjust(x, flags)), flags));
}
KV_DEVICE std::uint32_t kv_cvt_f16_s64(std::int64_t x, std::uint32_t flags) {
  return static_cast<std::uint32_t>(F16::from(x < 0, magnitudeOf(x), flags));
}
KV_DEVICE std::uint32_t kv_cvt_f16_u64(std::uint64_t x, std::uint32_t flags) {
  return static_cast<std::uint32_t>(F16::from(false, x, flags));
}
KV_DEVICE std::uint32_t kv_cvt_bf16_s64(std::int64_t x, std::uint32_t flags) {
  return static_cast<std::uint32_t>(Bf16::from(x < 0, magnitudeOf(x), flags));
}
KV_DEVICE std::uint32_t kv_cvt_bf16_u64(std::uint64_t x, std::uint32_t flags) {
  return static_cast<std::uint32_t>(Bf16::from(false, x, flags));
}

// To f32 and f64.
KV_DEVICE float kv_cvt_f32_f32(float x, std::uint32_t flags) {
  return adjust(x, flags);
}
KV_DEVICE float kv_cvt_f32_f64(double x, std::uint32_t flags) {
  const float out = roundToFloat(x, flags);
  return x != x && !(flags & kSaturate) ? out : adjust(out, flags);
}
KV_DEVICE double kv_cvt_f64_f32(float x, std::uint32_t flags) {
  if (flags & kFlush)
    x = finish(x, kFlush); // its NaN becomes canonical, without .ftz it passes
  return adjust(static_cast<double>(x), flags & ~kFlush);
}
KV_DEVICE double kv_cvt_f64_f64(double x, std::uint32_t flags) {
  return adjust(x, flags);
}
KV_DEVICE float kv_cvt_f32_s64(std::int64_t x, std::uint32_t flags) {
  if ((flags & kRoundingMask) == kNearestEven)
    return adjust(static_cast<float>(x), flags);
  return adjust(floatOf(static_cast<std::uint32_t>(F32::from(x < 0, magnitudeOf(x), flags))), flags);
}
KV_DEVICE float kv_cvt_f32_u64(std::uint64_t x, std::uint32_t flags) {
  if ((flags & kRoundingMask) == kNearestEven)
    return adjust(static_cast<float>(x), flags);
  return adjust(floatOf(static_cast<std::uint32_t>(F32::from(false, x, flags))), flags);
}
KV_DEVICE double kv_cvt_f64_s64(std::int64_t x, std::uint32_t flags) {
  if ((flags & kRoundingMask) == kNearestEven)
    return adjust(static_cast<double>(x), flags);
  return adjust(doubleOf(F64::from(x < 0, magnitudeOf(x), flags)), flags);
}
KV_DEVICE double kv_cvt_f64_u64(std::uint64_t x, std::uint32_t flags) {
  if ((flags & kRoundingMask) == kNearestEven)
    return adjust(static_cast<double>(x), flags);
  return adjust(doubleOf(F64::from(false, x, flags)), flags);
}

// Float to integer clamps to the range. NaN gives 0, but 1 << (bits-1) from f64 or to a 64-bit integer.
KV_DEVICE std::int64_t kv_to_signed(double x, std::uint32_t bits, std::uint32_t flags) {
  const std::int64_t least = -1 - static_cast<std::int64_t>((1ull << (bits - 1)) - 1);
  if (x != x)
    return (flags & kFromDouble) || bits == 64 ? least : 0;
  x = rint(x, flags);
  if (x >= -static_cast<double>(least))
    return -1 - least;
  return x <= static_cast<double>(least) ? least : static_cast<std::int64_t>(x);
}
KV_DEVICE std::uint64_t kv_to_unsigned(double x, std::uint32_t bits, std::uint32_t flags) {
  if (x != x)
    return (flags & kFromDouble) || bits == 64 ? 1ull << (bits - 1) : 0;
  x = rint(x, flags);
  if (x <= 0)
    return 0;
  const std::uint64_t most = bits == 64 ? ~0ull : (1ull << bits) - 1;
  return x >= 2.0 * static_cast<double>(1ull << (bits - 1)) ? most : static_cast<std::uint64_t>(x);
}
