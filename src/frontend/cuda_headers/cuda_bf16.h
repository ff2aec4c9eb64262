// __nv_bfloat16 and its pair.
#pragma once
#pragma GCC system_header
#define __CUDA_BF16_H__
#include "cuda_runtime.h"

#define KV_T __nv_bfloat16
#define KV_T2 __nv_bfloat162
#define KV_RAW __bf16
#define KV_RAW_PAIR kverify_bf16_pair
#define KV_RAW_STRUCT __nv_bfloat16_raw
#define KV_RAW2_STRUCT __nv_bfloat162_raw
#define KV_PTX "bf16"
#include "kverify/small_float_struct.inc"
#include "kverify/small_float.inc"

typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

KV_HOST_DEVICE __nv_bfloat16 __double2bfloat16(double a) { return __builtin_bit_cast(__nv_bfloat16, (__bf16)a); }
KV_HOST_DEVICE __nv_bfloat16 __float2bfloat16(float a) { return __builtin_bit_cast(__nv_bfloat16, (__bf16)a); }
KV_HOST_DEVICE __nv_bfloat16 __float2bfloat16_rn(float a) { return __builtin_bit_cast(__nv_bfloat16, (__bf16)a); }
KV_HOST_DEVICE float __bfloat162float(__nv_bfloat16 a) { return (float)a.kv; }
KV_HOST_DEVICE __nv_bfloat162 __float2bfloat162_rn(float a) {
  return __nv_bfloat162(__float2bfloat16(a), __float2bfloat16(a));
}
KV_HOST_DEVICE __nv_bfloat162 __floats2bfloat162_rn(float a, float b) {
  return __nv_bfloat162(__float2bfloat16(a), __float2bfloat16(b));
}
KV_HOST_DEVICE __nv_bfloat162 __float22bfloat162_rn(float2 a) { return __floats2bfloat162_rn(a.x, a.y); }
KV_HOST_DEVICE float2 __bfloat1622float2(__nv_bfloat162 a) { return {__bfloat162float(a.x), __bfloat162float(a.y)}; }
KV_HOST_DEVICE __nv_bfloat162 make_bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return __nv_bfloat162(x, y); }
KV_HOST_DEVICE __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 a, __nv_bfloat16 b) { return __nv_bfloat162(a, b); }
KV_HOST_DEVICE __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 a) { return __nv_bfloat162(a, a); }
KV_HOST_DEVICE __nv_bfloat16 __low2bfloat16(__nv_bfloat162 a) { return a.x; }
KV_HOST_DEVICE __nv_bfloat16 __high2bfloat16(__nv_bfloat162 a) { return a.y; }
KV_HOST_DEVICE __nv_bfloat162 __low2bfloat162(__nv_bfloat162 a) { return __nv_bfloat162(a.x, a.x); }
KV_HOST_DEVICE __nv_bfloat162 __high2bfloat162(__nv_bfloat162 a) { return __nv_bfloat162(a.y, a.y); }
KV_HOST_DEVICE __nv_bfloat162 __lows2bfloat162(__nv_bfloat162 a, __nv_bfloat162 b) { return __nv_bfloat162(a.x, b.x); }
KV_HOST_DEVICE __nv_bfloat162 __highs2bfloat162(__nv_bfloat162 a, __nv_bfloat162 b) {
  return __nv_bfloat162(a.y, b.y);
}
KV_HOST_DEVICE short __bfloat16_as_short(__nv_bfloat16 a) { return __builtin_bit_cast(short, a); }
KV_HOST_DEVICE unsigned short __bfloat16_as_ushort(__nv_bfloat16 a) { return __builtin_bit_cast(unsigned short, a); }
KV_HOST_DEVICE __nv_bfloat16 __short_as_bfloat16(short a) { return __builtin_bit_cast(__nv_bfloat16, a); }
KV_HOST_DEVICE __nv_bfloat16 __ushort_as_bfloat16(unsigned short a) { return __builtin_bit_cast(__nv_bfloat16, a); }

#define KV_NAME(prefix, suffix) prefix##bfloat16##suffix
#define KV_TO_NAME(suffix) __bfloat162##suffix
#include "kverify/small_float_convert.inc"
#undef KV_NAME
#undef KV_TO_NAME
#undef KV_T
#undef KV_T2
#undef KV_RAW
#undef KV_RAW_PAIR
#undef KV_RAW_STRUCT
#undef KV_RAW2_STRUCT
#undef KV_PTX
