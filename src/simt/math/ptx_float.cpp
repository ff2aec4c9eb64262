// Floating-point instructions of the device runtime: kv_<op>_<type>, PTX ISA 8.x sections 9.7.3 to 9.7.5.
//
// Exact to the bit with any rounding: add, sub, mul, fma, div.rn…, rcp.rn…, sqrt.rn…, min, max, abs, neg.
// The .approx instructions (ex2, lg2, sin, cos, tanh, rcp, rsqrt, sqrt, div) are computed to nearest float accuracy:
// within PTX's documented error of the true value, not equal to the bit to hardware. How far an H200 is from the
// correctly rounded result, over every float with a normal result (share of equal results, largest distance in ulp):
// ex2 91.5 %, 2 · rcp 86.8 %, 1 · rsqrt 78.3 %, 2 · sqrt 83.1 %, 1 · tanh 94.4 %, 134 · lg2 49.7 %, 2^-22 absolute
// near 1 as documented. CUDA's own expf 92.8 %, 2 · logf 96.6 %, 1 · erff 91.3 %, 1 · tanhf 99.1 %, 2 · __expf 64 ulp.
//
// NaNs are the GPU's one NaN (0x7fffffff) out of these helpers; plain IR arithmetic keeps the host's payloads.
#include "simt/math/device.h"

using namespace kverify::simt::math;

// IEEE double arithmetic in a directed rounding mode, on the host (simt/math/host_math.cpp).
extern "C" double kv_host_directed(std::uint32_t operation, double a, double b, double c, std::uint32_t mode);

namespace {

constexpr bool nearest(std::uint32_t flags) {
  return (flags & kRoundingMask) == kNearestEven;
}

double exactSum(double a, double b, std::uint32_t flags) {
  const double sum = addOdd(a, b);
  // x + (-x) is +0, but -0 when rounding down.
  if (sum == 0 && (flags & kRoundingMask) == kDown && !(a == 0 && b == 0 && !std::signbit(a) && !std::signbit(b)))
    return -0.0;
  return sum;
}

/// Quotient or root rounded to odd: `residual` is the exact rest's sign toward larger magnitudes of `x`.
double towardOdd(double x, double residual) {
  if (residual == 0 || residual != residual || std::isinf(x) || x == 0)
    return x;
  const auto bits = bitsOf(x);
  if (bits & 1)
    return x;
  return doubleOf((residual > 0) == (x > 0) ? bits + 1 : bits - 1);
}

template <class T>
T minimum(T a, T b, bool max, std::uint32_t flags) {
  a = flushIf(a, flags);
  b = flushIf(b, flags);
  T sign = T(1);
  if (flags & kXorSign) {
    sign = std::copysign(T(1), a) * std::copysign(T(1), b);
    a = std::fabs(a);
    b = std::fabs(b);
  }
  const bool unordered = a != a || b != b;
  T out;
  if (unordered) {
    const bool both = a != a && b != b;
    out = both || (flags & kNanWins) ? canonicalNan(a) : a != a ? b : a;
  } else if (a == b) { // -0 is less than +0
    out = std::signbit(a) == max ? b : a;
  } else {
    out = (a < b) != max ? a : b;
  }
  if ((flags & kXorSign) && out == out)
    out *= sign;
  if ((flags & kRelu) && !(out > T(0)))
    out = out == out ? T(0) : canonicalNan(a);
  return out;
}

} // namespace

// ---- f32
KV_DEVICE float kv_add_f32(float a, float b, std::uint32_t flags) {
  a = flushIf(a, flags), b = flushIf(b, flags);
  return finish(nearest(flags) ? a + b : roundToFloat(exactSum(a, b, flags), flags), flags);
}
KV_DEVICE float kv_sub_f32(float a, float b, std::uint32_t flags) {
  return kv_add_f32(a, -b, flags);
}
KV_DEVICE float kv_mul_f32(float a, float b, std::uint32_t flags) {
  a = flushIf(a, flags), b = flushIf(b, flags);
  return finish(nearest(flags) ? a * b : roundToFloat(static_cast<double>(a) * b, flags), flags);
}
KV_DEVICE float kv_fma_f32(float a, float b, float c, std::uint32_t flags) {
  a = flushIf(a, flags), b = flushIf(b, flags), c = flushIf(c, flags);
  if (nearest(flags))
    return finish(__builtin_fmaf(a, b, c), flags);
  return finish(roundToFloat(exactSum(static_cast<double>(a) * b, c, flags), flags), flags);
}
KV_DEVICE float kv_div_f32(float a, float b, std::uint32_t flags) {
  a = flushIf(a, flags), b = flushIf(b, flags);
  // div.approx divides by way of a reciprocal that vanishes for huge divisors. (.full scales: no such range.)
  if ((flags & kApprox) && std::fabs(b) > 0x1p126f && !std::isinf(b)) {
    return std::isinf(a) ? canonicalNan(a) : std::copysign(0.0f, a) * std::copysign(1.0f, b);
  }
  if (nearest(flags))
    return finish(a / b, flags);
  const double x = a, y = b, quotient = x / y;
  const double rest = std::fma(-quotient, y, x);
  return finish(roundToFloat(towardOdd(quotient, y > 0 ? rest : -rest), flags), flags);
}
KV_DEVICE float kv_rcp_f32(float a, std::uint32_t flags) {
  return kv_div_f32(1.0f, a, flags & ~kApprox);
}
KV_DEVICE float kv_sqrt_f32(float a, std::uint32_t flags) {
  a = flushIf(a, flags);
  if (nearest(flags))
    return finish(std::sqrt(a), flags);
  const double x = a, root = std::sqrt(x);
  return finish(roundToFloat(towardOdd(root, std::fma(-root, root, x)), flags), flags);
}
KV_DEVICE float kv_rsqrt_f32(float a, std::uint32_t flags) {
  a = flushIf(a, flags);
  return finish(static_cast<float>(1.0 / std::sqrt(static_cast<double>(a))), flags);
}
KV_DEVICE float kv_ex2_f32(float a, std::uint32_t flags) {
  return finish(__builtin_exp2f(flushIf(a, flags)), flags);
}
KV_DEVICE float kv_lg2_f32(float a, std::uint32_t flags) {
  return finish(__builtin_log2f(flushIf(a, flags)), flags);
}
KV_DEVICE float kv_sin_f32(float a, std::uint32_t flags) {
  return finish(__builtin_sinf(flushIf(a, flags)), flags);
}
KV_DEVICE float kv_cos_f32(float a, std::uint32_t flags) {
  return finish(__builtin_cosf(flushIf(a, flags)), flags);
}
KV_DEVICE float kv_tanh_f32(float a, std::uint32_t flags) {
  return finish(__builtin_tanhf(flushIf(a, flags)), flags);
}
KV_DEVICE float kv_abs_f32(float a, std::uint32_t flags) {
  return finish(std::fabs(flushIf(a, flags)), 0);
}
KV_DEVICE float kv_neg_f32(float a, std::uint32_t flags) {
  return finish(-flushIf(a, flags), 0);
}
KV_DEVICE float kv_copysign_f32(float a, float b, std::uint32_t) {
  return std::copysign(b, a);
}
KV_DEVICE float kv_min_f32(float a, float b, std::uint32_t flags) {
  return minimum(a, b, false, flags);
}
KV_DEVICE float kv_max_f32(float a, float b, std::uint32_t flags) {
  return minimum(a, b, true, flags);
}

// ---- f64
KV_DEVICE double kv_add_f64(double a, double b, std::uint32_t flags) {
  return finish(nearest(flags) ? a + b : kv_host_directed(0, a, b, 0, flags & kRoundingMask), flags);
}
KV_DEVICE double kv_sub_f64(double a, double b, std::uint32_t flags) {
  return kv_add_f64(a, -b, flags);
}
KV_DEVICE double kv_mul_f64(double a, double b, std::uint32_t flags) {
  return finish(nearest(flags) ? a * b : kv_host_directed(1, a, b, 0, flags & kRoundingMask), flags);
}
KV_DEVICE double kv_fma_f64(double a, double b, double c, std::uint32_t flags) {
  return finish(nearest(flags) ? __builtin_fma(a, b, c) : kv_host_directed(2, a, b, c, flags & kRoundingMask), flags);
}
KV_DEVICE double kv_div_f64(double a, double b, std::uint32_t flags) {
  return nearest(flags) ? a / b : kv_host_directed(3, a, b, 0, flags & kRoundingMask);
}
/// rcp.approx.ftz.f64 gives the upper 32 bits of the result; the lower are zero.
KV_DEVICE double kv_rcp_f64(double a, std::uint32_t flags) {
  const double out = kv_div_f64(1.0, a, flags);
  return flags & kApprox ? doubleOf(bitsOf(out) & ~0xffffffffull) : out;
}
KV_DEVICE double kv_sqrt_f64(double a, std::uint32_t flags) {
  return nearest(flags) ? std::sqrt(a) : kv_host_directed(4, a, 0, 0, flags & kRoundingMask);
}
KV_DEVICE double kv_rsqrt_f64(double a, std::uint32_t flags) {
  const double out = 1.0 / std::sqrt(a);
  return flags & kFlush ? doubleOf(bitsOf(out) & ~0xffffffffull) : out;
}
KV_DEVICE double kv_ex2_f64(double a, std::uint32_t) {
  return __builtin_exp2(a);
}
KV_DEVICE double kv_lg2_f64(double a, std::uint32_t) {
  return __builtin_log2(a);
}
KV_DEVICE double kv_abs_f64(double a, std::uint32_t) {
  return std::fabs(a);
}
KV_DEVICE double kv_neg_f64(double a, std::uint32_t) {
  return -a;
}
KV_DEVICE double kv_copysign_f64(double a, double b, std::uint32_t) {
  return std::copysign(b, a);
}
KV_DEVICE double kv_min_f64(double a, double b, std::uint32_t flags) {
  return minimum(a, b, false, flags);
}
KV_DEVICE double kv_max_f64(double a, double b, std::uint32_t flags) {
  return minimum(a, b, true, flags);
}
