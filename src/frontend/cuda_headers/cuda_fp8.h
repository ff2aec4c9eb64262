// 8-bit floats: E4M3 (no infinities, largest 448) and E5M2 (largest 57344), storage and conversions.
// Format: "FP8 Formats for Deep Learning", Micikevicius et al., 2022. On the hardware these are PTX's cvt.
#pragma once
#pragma GCC system_header
#define __CUDA_FP8_H__
#include "cuda_bf16.h"
#include "cuda_fp16.h"

typedef unsigned char __nv_fp8_storage_t;
typedef unsigned short __nv_fp8x2_storage_t;
typedef unsigned int __nv_fp8x4_storage_t;
typedef enum __nv_saturation_t { __NV_NOSAT, __NV_SATFINITE } __nv_saturation_t;
typedef enum __nv_fp8_interpretation_t { __NV_E4M3, __NV_E5M2 } __nv_fp8_interpretation_t;

// Two floats to two 8-bit floats, the first in the low byte. PTX has saturating conversions only; without saturation
// a magnitude that rounds beyond the largest finite one gives NaN (E4M3) or an infinity (E5M2).
KV_DEVICE __nv_fp8x2_storage_t kverify_to_fp8x2(float low, float high, __nv_fp8_interpretation_t kind) {
  unsigned short bits;
  if (kind == __NV_E4M3)
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(bits) : "f"(high), "f"(low));
  else
    asm("cvt.rn.satfinite.e5m2x2.f32 %0, %1, %2;" : "=h"(bits) : "f"(high), "f"(low));
  return bits;
}
KV_DEVICE __nv_fp8_storage_t kverify_overflow_fp8(__nv_fp8_storage_t saturated, float x,
                                                  __nv_fp8_interpretation_t kind) {
  // Halfway to the next power's grid and beyond: 464 ties to even upwards (E4M3), 61440 too (E5M2).
  float limit = kind == __NV_E4M3 ? 464.0f : 61440.0f;
  float size = __nv_fabsf(x);
  bool over = kind == __NV_E4M3 ? size > limit : size >= limit;
  if (!over || x != x) return saturated;
  return (saturated & 0x80) | (kind == __NV_E4M3 ? 0x7f : 0x7c);
}
KV_DEVICE __nv_fp8x2_storage_t __nv_cvt_float2_to_fp8x2(float2 x, __nv_saturation_t saturate,
                                                        __nv_fp8_interpretation_t kind) {
  __nv_fp8x2_storage_t bits = kverify_to_fp8x2(x.x, x.y, kind);
  if (saturate == __NV_SATFINITE) return bits;
  return (__nv_fp8x2_storage_t)(kverify_overflow_fp8((__nv_fp8_storage_t)bits, x.x, kind) |
                                kverify_overflow_fp8((__nv_fp8_storage_t)(bits >> 8), x.y, kind) << 8);
}
KV_DEVICE __nv_fp8_storage_t __nv_cvt_float_to_fp8(float x, __nv_saturation_t saturate,
                                                   __nv_fp8_interpretation_t kind) {
  return (__nv_fp8_storage_t)__nv_cvt_float2_to_fp8x2(float2{x, 0.0f}, saturate, kind);
}
// By way of a float rounded to odd, which no second rounding can spoil ("When double rounding is odd", Boldo and
// Melquiond, 2005). A NaN keeps its sign and, in E5M2, the top of its payload, as NVIDIA's conversion in software has it.
KV_DEVICE __nv_fp8_storage_t __nv_cvt_double_to_fp8(double x, __nv_saturation_t saturate, __nv_fp8_interpretation_t kind) {
  unsigned long long bits = (unsigned long long)__nv_double_as_longlong(x);
  if (x != x)
    return (__nv_fp8_storage_t)((bits >> 56 & 0x80) | (kind == __NV_E4M3 ? 0x7f : 0x7e | (bits >> 50 & 3)));
  unsigned odd = (unsigned)__nv_float_as_int(__nv_double2float_rz(x));
  if ((double)__nv_int_as_float((int)odd) != x) odd |= 1;
  return __nv_cvt_float_to_fp8(__nv_int_as_float((int)odd), saturate, kind);
}
KV_DEVICE __nv_fp8_storage_t __nv_cvt_halfraw_to_fp8(__half_raw x, __nv_saturation_t saturate,
                                                     __nv_fp8_interpretation_t kind) {
  return __nv_cvt_float_to_fp8((float)__half(x), saturate, kind);
}
KV_DEVICE __nv_fp8x2_storage_t __nv_cvt_halfraw2_to_fp8x2(__half2_raw x, __nv_saturation_t saturate,
                                                          __nv_fp8_interpretation_t kind) {
  return __nv_cvt_float2_to_fp8x2(__half22float2(__half2(x)), saturate, kind);
}
KV_DEVICE __nv_fp8_storage_t __nv_cvt_bfloat16raw_to_fp8(__nv_bfloat16_raw x, __nv_saturation_t saturate,
                                                         __nv_fp8_interpretation_t kind) {
  return __nv_cvt_float_to_fp8((float)__nv_bfloat16(x), saturate, kind);
}
KV_DEVICE __nv_fp8x2_storage_t __nv_cvt_bfloat16raw2_to_fp8x2(__nv_bfloat162_raw x, __nv_saturation_t saturate,
                                                              __nv_fp8_interpretation_t kind) {
  return __nv_cvt_float2_to_fp8x2(__bfloat1622float2(__nv_bfloat162(x)), saturate, kind);
}
KV_DEVICE __half2_raw __nv_cvt_fp8x2_to_halfraw2(__nv_fp8x2_storage_t x, __nv_fp8_interpretation_t kind) {
  unsigned bits;
  if (kind == __NV_E4M3) asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(bits) : "h"(x));
  else asm("cvt.rn.f16x2.e5m2x2 %0, %1;" : "=r"(bits) : "h"(x));
  return __builtin_bit_cast(__half2_raw, bits);
}
KV_DEVICE __half_raw __nv_cvt_fp8_to_halfraw(__nv_fp8_storage_t x, __nv_fp8_interpretation_t kind) {
  return {__nv_cvt_fp8x2_to_halfraw2(x, kind).x};
}

#define KV_FP8(name, kind)                                                                                         \
  struct __nv_fp8_##name {                                                                                         \
    __nv_fp8_storage_t __x;                                                                                        \
    __nv_fp8_##name() = default;                                                                                   \
    KV_METHOD explicit __nv_fp8_##name(float f) { __x = __nv_cvt_float_to_fp8(f, __NV_SATFINITE, kind); }          \
    KV_METHOD explicit __nv_fp8_##name(double f) { __x = __nv_cvt_double_to_fp8(f, __NV_SATFINITE, kind); }        \
    KV_METHOD explicit __nv_fp8_##name(__half f) { __x = __nv_cvt_halfraw_to_fp8(f, __NV_SATFINITE, kind); }       \
    KV_METHOD explicit __nv_fp8_##name(__nv_bfloat16 f) {                                                          \
      __x = __nv_cvt_bfloat16raw_to_fp8(f, __NV_SATFINITE, kind);                                                  \
    }                                                                                                              \
    KV_METHOD explicit operator float() const { return (float)__half(__nv_cvt_fp8_to_halfraw(__x, kind)); }        \
    KV_METHOD explicit operator __half() const { return __half(__nv_cvt_fp8_to_halfraw(__x, kind)); }              \
    KV_METHOD explicit operator __nv_bfloat16() const { return __nv_bfloat16((float)*this); }                      \
  };                                                                                                               \
  struct __attribute__((aligned(2))) __nv_fp8x2_##name {                                                           \
    __nv_fp8x2_storage_t __x;                                                                                      \
    __nv_fp8x2_##name() = default;                                                                                 \
    KV_METHOD explicit __nv_fp8x2_##name(float2 f) { __x = __nv_cvt_float2_to_fp8x2(f, __NV_SATFINITE, kind); }    \
    KV_METHOD explicit __nv_fp8x2_##name(__half2 f) { __x = __nv_cvt_halfraw2_to_fp8x2(f, __NV_SATFINITE, kind); } \
    KV_METHOD explicit operator float2() const { return __half22float2((__half2)*this); }                          \
    KV_METHOD explicit operator __half2() const { return __half2(__nv_cvt_fp8x2_to_halfraw2(__x, kind)); }         \
  };                                                                                                               \
  struct __attribute__((aligned(4))) __nv_fp8x4_##name {                                                           \
    __nv_fp8x4_storage_t __x;                                                                                      \
    __nv_fp8x4_##name() = default;                                                                                 \
    KV_METHOD explicit __nv_fp8x4_##name(float4 f) {                                                               \
      __x = __nv_cvt_float2_to_fp8x2(float2{f.x, f.y}, __NV_SATFINITE, kind) |                                     \
            (unsigned)__nv_cvt_float2_to_fp8x2(float2{f.z, f.w}, __NV_SATFINITE, kind) << 16;                      \
    }                                                                                                              \
    KV_METHOD explicit operator float4() const {                                                                   \
      float2 low = __half22float2(__half2(__nv_cvt_fp8x2_to_halfraw2((__nv_fp8x2_storage_t)__x, kind)));           \
      float2 high = __half22float2(__half2(__nv_cvt_fp8x2_to_halfraw2((__nv_fp8x2_storage_t)(__x >> 16), kind)));  \
      return float4{low.x, low.y, high.x, high.y};                                                                 \
    }                                                                                                              \
  };
KV_FP8(e4m3, __NV_E4M3)
KV_FP8(e5m2, __NV_E5M2)
#undef KV_FP8
