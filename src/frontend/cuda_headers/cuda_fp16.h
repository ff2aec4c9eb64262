// half and half2.
#pragma once
#pragma GCC system_header
#define __CUDA_FP16_H__
#include "cuda_runtime.h"

#define KV_T __half
#define KV_T2 __half2
#define KV_RAW _Float16
#define KV_RAW_PAIR kverify_f16_pair
#define KV_RAW_STRUCT __half_raw
#define KV_RAW2_STRUCT __half2_raw
#define KV_PTX "f16"
#include "kverify/small_float_struct.inc"
#include "kverify/small_float.inc"

typedef __half half;
typedef __half2 half2;
typedef __half __nv_half;
typedef __half2 __nv_half2;
typedef __half nv_half;
typedef __half2 nv_half2;
typedef __half_raw __nv_half_raw;

KV_HOST_DEVICE __half __double2half(double a) { return __builtin_bit_cast(__half, (_Float16)a); }
KV_HOST_DEVICE __half __float2half(float a) { return __builtin_bit_cast(__half, (_Float16)a); }
KV_HOST_DEVICE __half __float2half_rn(float a) { return __builtin_bit_cast(__half, (_Float16)a); }
KV_HOST_DEVICE float __half2float(__half a) { return (float)a.kv; }
KV_HOST_DEVICE __half2 __float2half2_rn(float a) { return __half2(__float2half(a), __float2half(a)); }
KV_HOST_DEVICE __half2 __floats2half2_rn(float a, float b) { return __half2(__float2half(a), __float2half(b)); }
KV_HOST_DEVICE __half2 __float22half2_rn(float2 a) { return __floats2half2_rn(a.x, a.y); }
KV_HOST_DEVICE float2 __half22float2(__half2 a) { return {__half2float(a.x), __half2float(a.y)}; }
KV_HOST_DEVICE __half2 make_half2(__half x, __half y) { return __half2(x, y); }
KV_HOST_DEVICE __half2 __halves2half2(__half a, __half b) { return __half2(a, b); }
KV_HOST_DEVICE __half2 __half2half2(__half a) { return __half2(a, a); }
KV_HOST_DEVICE __half __low2half(__half2 a) { return a.x; }
KV_HOST_DEVICE __half __high2half(__half2 a) { return a.y; }
KV_HOST_DEVICE __half2 __low2half2(__half2 a) { return __half2(a.x, a.x); }
KV_HOST_DEVICE __half2 __high2half2(__half2 a) { return __half2(a.y, a.y); }
KV_HOST_DEVICE __half2 __lows2half2(__half2 a, __half2 b) { return __half2(a.x, b.x); }
KV_HOST_DEVICE __half2 __highs2half2(__half2 a, __half2 b) { return __half2(a.y, b.y); }
KV_HOST_DEVICE short __half_as_short(__half a) { return __builtin_bit_cast(short, a); }
KV_HOST_DEVICE unsigned short __half_as_ushort(__half a) { return __builtin_bit_cast(unsigned short, a); }
KV_HOST_DEVICE __half __short_as_half(short a) { return __builtin_bit_cast(__half, a); }
KV_HOST_DEVICE __half __ushort_as_half(unsigned short a) { return __builtin_bit_cast(__half, a); }

#define KV_NAME(prefix, suffix) prefix##half##suffix
#define KV_TO_NAME(suffix) __half2##suffix
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
