// f16 and bf16 arithmetic of the device runtime, each operation rounded once (PTX ISA 8.x, section 9.7.4).
//
// Sums and products of two halves go through float: float carries 24 bits, at least twice the 11 (8) bits plus two, so
// the second rounding can't differ from a single one. Fused multiply-adds need more: product and addend are summed in
// double, rounded to odd, and that is rounded to the half type in integers.
#include "simt/math/device.h"

using namespace kverify::simt::math;

namespace {

struct Half {
  static float widen(std::uint32_t x) { return halfToFloat(x); }
  static std::uint32_t narrow(float x) { return floatToHalf(x, kNearestEven); }
  static std::uint32_t narrow(double x) { return static_cast<std::uint32_t>(F16::from(x, kNearestEven)); }
  static constexpr std::uint32_t kExponent = 0x7c00;
};

struct Brain {
  static float widen(std::uint32_t x) { return bfloatToFloat(x); }
  static std::uint32_t narrow(float x) { return floatToBfloat(x, kNearestEven); }
  static std::uint32_t narrow(double x) { return static_cast<std::uint32_t>(Bf16::from(x, kNearestEven)); }
  static constexpr std::uint32_t kExponent = 0x7f80;
};

template <class H>
std::uint32_t flushHalf(std::uint32_t x, std::uint32_t flags) {
  return (flags & kFlush) && (x & H::kExponent) == 0 ? x & 0x8000 : x;
}

template <class H>
float in(std::uint32_t x, std::uint32_t flags) {
  return H::widen(flushHalf<H>(x, flags));
}

template <class H>
std::uint32_t done(std::uint32_t x, std::uint32_t flags) {
  x = flushHalf<H>(x, flags);
  if (flags & (kSaturate | kRelu))
    x = H::narrow(finish(H::widen(x), flags & (kSaturate | kRelu)));
  return x;
}

/// abs and neg: their NaN is canonical too.
template <class H>
std::uint32_t sign(std::uint32_t x, std::uint32_t flags) {
  return (x & 0x7fff) > H::kExponent ? 0x7fff : flushHalf<H>(x, flags);
}

template <class H>
std::uint32_t fused(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t flags) {
  const double product = static_cast<double>(in<H>(a, flags)) * in<H>(b, flags);
  return done<H>(H::narrow(addOdd(product, in<H>(c, flags))), flags);
}

template <class H>
std::uint32_t least(std::uint32_t a, std::uint32_t b, bool max, std::uint32_t flags) {
  a = flushHalf<H>(a, flags), b = flushHalf<H>(b, flags);
  std::uint32_t sign = 0;
  if (flags & kXorSign) {
    sign = (a ^ b) & 0x8000;
    a &= 0x7fff, b &= 0x7fff;
  }
  const bool a_nan = (a & 0x7fff) > H::kExponent, b_nan = (b & 0x7fff) > H::kExponent;
  const auto key = [](std::uint32_t x) {
    return x & 0x8000 ? -1 - static_cast<std::int32_t>(x & 0x7fff) : static_cast<std::int32_t>(x);
  };
  std::uint32_t out;
  if (a_nan || b_nan) {
    out = (a_nan && b_nan) || (flags & kNanWins) ? 0x7fffu : a_nan ? b : a;
  } else {
    out = (key(a) < key(b)) != max ? a : b;
  }
  if ((out & 0x7fff) <= H::kExponent)
    out |= sign;
  if ((flags & kRelu) && (out & 0x8000))
    out = 0;
  return out;
}

} // namespace

#define KV_HALF_OPS(H, T)                                                                                              \
  KV_DEVICE std::uint32_t kv_add_##T(std::uint32_t a, std::uint32_t b, std::uint32_t flags) {                          \
    return done<H>(H::narrow(in<H>(a, flags) + in<H>(b, flags)), flags);                                               \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_sub_##T(std::uint32_t a, std::uint32_t b, std::uint32_t flags) {                          \
    return done<H>(H::narrow(in<H>(a, flags) - in<H>(b, flags)), flags);                                               \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_mul_##T(std::uint32_t a, std::uint32_t b, std::uint32_t flags) {                          \
    return done<H>(H::narrow(in<H>(a, flags) * in<H>(b, flags)), flags);                                               \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_fma_##T(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t flags) {         \
    return fused<H>(a, b, c, flags);                                                                                   \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_div_##T(std::uint32_t a, std::uint32_t b, std::uint32_t flags) {                          \
    return done<H>(H::narrow(in<H>(a, flags) / in<H>(b, flags)), flags);                                               \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_min_##T(std::uint32_t a, std::uint32_t b, std::uint32_t flags) {                          \
    return least<H>(a, b, false, flags);                                                                               \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_max_##T(std::uint32_t a, std::uint32_t b, std::uint32_t flags) {                          \
    return least<H>(a, b, true, flags);                                                                                \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_abs_##T(std::uint32_t a, std::uint32_t flags) {                                           \
    return sign<H>(a & 0x7fff, flags);                                                                                 \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_neg_##T(std::uint32_t a, std::uint32_t flags) {                                           \
    return sign<H>(a ^ 0x8000, flags);                                                                                 \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_ex2_##T(std::uint32_t a, std::uint32_t flags) {                                           \
    return done<H>(H::narrow(__builtin_exp2f(in<H>(a, flags))), flags);                                                \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_tanh_##T(std::uint32_t a, std::uint32_t flags) {                                          \
    return done<H>(H::narrow(__builtin_tanhf(in<H>(a, flags))), flags);                                                \
  }                                                                                                                    \
  KV_DEVICE std::uint32_t kv_sqrt_##T(std::uint32_t a, std::uint32_t flags) {                                          \
    return done<H>(H::narrow(std::sqrt(in<H>(a, flags))), flags);                                                      \
  }

KV_HALF_OPS(Half, f16)
KV_HALF_OPS(Brain, bf16)
