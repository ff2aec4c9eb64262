// libdevice's integer functions, bit casts and conversions: exact.
#include "simt/math/device.h"

using namespace kverify::simt::math;

using i32 = std::int32_t;
using u32 = std::uint32_t;
using i64 = std::int64_t;
using u64 = std::uint64_t;

extern "C" {
i64 kv_to_signed(double, u32, u32);
u64 kv_to_unsigned(double, u32, u32);
float kv_cvt_f32_s64(i64, u32);
float kv_cvt_f32_u64(u64, u32);
double kv_cvt_f64_s64(i64, u32);
double kv_cvt_f64_u64(u64, u32);
u32 kv_prmt_b32(u32, u32, u32);
u32 kv_sad_u32(u32, u32, u32);
u32 kv_sad_s32(i32, i32, u32);
}

#define KV_ROUNDINGS(M) M(rn, kNearestEven) M(rz, kTowardZero) M(rd, kDown) M(ru, kUp)

KV_DEVICE i32 __nv_clz(i32 x) {
  return std::countl_zero(static_cast<u32>(x));
}
KV_DEVICE i32 __nv_clzll(i64 x) {
  return std::countl_zero(static_cast<u64>(x));
}
KV_DEVICE i32 __nv_popc(i32 x) {
  return std::popcount(static_cast<u32>(x));
}
KV_DEVICE i32 __nv_popcll(i64 x) {
  return std::popcount(static_cast<u64>(x));
}
KV_DEVICE i32 __nv_ffs(i32 x) {
  return x ? std::countr_zero(static_cast<u32>(x)) + 1 : 0;
}
KV_DEVICE i32 __nv_ffsll(i64 x) {
  return x ? std::countr_zero(static_cast<u64>(x)) + 1 : 0;
}
KV_DEVICE u32 __nv_brev(u32 x) {
  return __builtin_bitreverse32(x);
}
KV_DEVICE u64 __nv_brevll(u64 x) {
  return __builtin_bitreverse64(x);
}
KV_DEVICE u32 __nv_byte_perm(u32 a, u32 b, u32 c) {
  return kv_prmt_b32(a, b, c & 0x7777);
}
KV_DEVICE i32 __nv_min(i32 a, i32 b) {
  return a < b ? a : b;
}
KV_DEVICE i32 __nv_max(i32 a, i32 b) {
  return a > b ? a : b;
}
KV_DEVICE u32 __nv_umin(u32 a, u32 b) {
  return a < b ? a : b;
}
KV_DEVICE u32 __nv_umax(u32 a, u32 b) {
  return a > b ? a : b;
}
KV_DEVICE i64 __nv_llmin(i64 a, i64 b) {
  return a < b ? a : b;
}
KV_DEVICE i64 __nv_llmax(i64 a, i64 b) {
  return a > b ? a : b;
}
KV_DEVICE u64 __nv_ullmin(u64 a, u64 b) {
  return a < b ? a : b;
}
KV_DEVICE u64 __nv_ullmax(u64 a, u64 b) {
  return a > b ? a : b;
}
KV_DEVICE u32 __nv_abs(u32 a) {
  return static_cast<i32>(a) < 0 ? 0 - a : a;
}
KV_DEVICE u64 __nv_llabs(u64 a) {
  return static_cast<i64>(a) < 0 ? 0 - a : a;
}
KV_DEVICE i32 __nv_mulhi(i32 a, i32 b) {
  return static_cast<i32>(static_cast<i64>(a) * b >> 32);
}
KV_DEVICE u32 __nv_umulhi(u32 a, u32 b) {
  return static_cast<u32>(static_cast<u64>(a) * b >> 32);
}
__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;
KV_DEVICE i64 __nv_mul64hi(i64 a, i64 b) {
  return static_cast<i64>(static_cast<i128>(a) * b >> 64);
}
KV_DEVICE u64 __nv_umul64hi(u64 a, u64 b) {
  return static_cast<u64>(static_cast<u128>(a) * b >> 64);
}
KV_DEVICE i32 __nv_mul24(u32 a, u32 b) {
  return static_cast<i32>(
      static_cast<u32>((static_cast<i64>(static_cast<i32>(a << 8) >> 8)) * (static_cast<i32>(b << 8) >> 8)));
}
KV_DEVICE u32 __nv_umul24(u32 a, u32 b) {
  return (a & 0xffffff) * (b & 0xffffff);
}
KV_DEVICE u32 __nv_sad(i32 a, i32 b, u32 c) {
  return kv_sad_s32(a, b, c);
}
KV_DEVICE u32 __nv_usad(u32 a, u32 b, u32 c) {
  return kv_sad_u32(a, b, c);
}
KV_DEVICE i32 __nv_hadd(i32 a, i32 b) {
  return static_cast<i32>((static_cast<i64>(a) + b) >> 1);
}
KV_DEVICE i32 __nv_rhadd(i32 a, i32 b) {
  return static_cast<i32>((static_cast<i64>(a) + b + 1) >> 1);
}
KV_DEVICE u32 __nv_uhadd(u32 a, u32 b) {
  return static_cast<u32>((static_cast<u64>(a) + b) >> 1);
}
KV_DEVICE u32 __nv_urhadd(u32 a, u32 b) {
  return static_cast<u32>((static_cast<u64>(a) + b + 1) >> 1);
}

KV_DEVICE float __nv_int_as_float(u32 x) {
  return floatOf(x);
}
KV_DEVICE float __nv_uint_as_float(u32 x) {
  return floatOf(x);
}
KV_DEVICE u32 __nv_float_as_int(float x) {
  return bitsOf(x);
}
KV_DEVICE u32 __nv_float_as_uint(float x) {
  return bitsOf(x);
}
KV_DEVICE double __nv_longlong_as_double(u64 x) {
  return doubleOf(x);
}
KV_DEVICE u64 __nv_double_as_longlong(double x) {
  return bitsOf(x);
}
KV_DEVICE double __nv_hiloint2double(u32 high, u32 low) {
  return doubleOf(static_cast<u64>(high) << 32 | low);
}
KV_DEVICE u32 __nv_double2loint(double x) {
  return static_cast<u32>(bitsOf(x));
}
KV_DEVICE u32 __nv_double2hiint(double x) {
  return static_cast<u32>(bitsOf(x) >> 32);
}
KV_DEVICE u32 __nv_float2half_rn(float x) {
  return floatToHalf(x, kNearestEven);
}
KV_DEVICE float __nv_half2float(u32 h) {
  return halfToFloat(h & 0xffff);
}

KV_DEVICE double __nv_int2double_rn(i32 x) {
  return x;
}
KV_DEVICE double __nv_uint2double_rn(u32 x) {
  return x;
}
KV_DEVICE i64 __nv_llrintf(float x) {
  return kv_to_signed(static_cast<double>(x), 64, kNearestEven);
}
KV_DEVICE i64 __nv_llrint(double x) {
  return kv_to_signed(x, 64, kNearestEven | kFromDouble);
}
extern "C" float __nv_roundf(float);
extern "C" double __nv_round(double);
KV_DEVICE i64 __nv_llroundf(float x) {
  return kv_to_signed(static_cast<double>(__nv_roundf(x)), 64, kTowardZero);
}
KV_DEVICE i64 __nv_llround(double x) {
  return kv_to_signed(__nv_round(x), 64, kTowardZero | kFromDouble);
}

#define KV_CONVERSIONS(suffix, mode)                                                                                   \
  KV_DEVICE float __nv_double2float_##suffix(double x) {                                                               \
    return roundToFloat(x, mode);                                                                                      \
  }                                                                                                                    \
  KV_DEVICE i32 __nv_double2int_##suffix(double x) {                                                                   \
    return static_cast<i32>(kv_to_signed(x, 32, mode | kFromDouble));                                                  \
  }                                                                                                                    \
  KV_DEVICE u32 __nv_double2uint_##suffix(double x) {                                                                  \
    return static_cast<u32>(kv_to_unsigned(x, 32, mode | kFromDouble));                                                \
  }                                                                                                                    \
  KV_DEVICE i64 __nv_double2ll_##suffix(double x) {                                                                    \
    return kv_to_signed(x, 64, mode | kFromDouble);                                                                    \
  }                                                                                                                    \
  KV_DEVICE u64 __nv_double2ull_##suffix(double x) {                                                                   \
    return kv_to_unsigned(x, 64, mode | kFromDouble);                                                                  \
  }                                                                                                                    \
  KV_DEVICE i32 __nv_float2int_##suffix(float x) {                                                                     \
    return static_cast<i32>(kv_to_signed(static_cast<double>(x), 32, mode));                                           \
  }                                                                                                                    \
  KV_DEVICE u32 __nv_float2uint_##suffix(float x) {                                                                    \
    return static_cast<u32>(kv_to_unsigned(static_cast<double>(x), 32, mode));                                         \
  }                                                                                                                    \
  KV_DEVICE i64 __nv_float2ll_##suffix(float x) {                                                                      \
    return kv_to_signed(static_cast<double>(x), 64, mode);                                                             \
  }                                                                                                                    \
  KV_DEVICE u64 __nv_float2ull_##suffix(float x) {                                                                     \
    return kv_to_unsigned(static_cast<double>(x), 64, mode);                                                           \
  }                                                                                                                    \
  KV_DEVICE float __nv_int2float_##suffix(i32 x) {                                                                     \
    return kv_cvt_f32_s64(x, mode);                                                                                    \
  }                                                                                                                    \
  KV_DEVICE float __nv_uint2float_##suffix(u32 x) {                                                                    \
    return kv_cvt_f32_u64(x, mode);                                                                                    \
  }                                                                                                                    \
  KV_DEVICE float __nv_ll2float_##suffix(i64 x) {                                                                      \
    return kv_cvt_f32_s64(x, mode);                                                                                    \
  }                                                                                                                    \
  KV_DEVICE float __nv_ull2float_##suffix(u64 x) {                                                                     \
    return kv_cvt_f32_u64(x, mode);                                                                                    \
  }                                                                                                                    \
  KV_DEVICE double __nv_ll2double_##suffix(i64 x) {                                                                    \
    return kv_cvt_f64_s64(x, mode);                                                                                    \
  }                                                                                                                    \
  KV_DEVICE double __nv_ull2double_##suffix(u64 x) {                                                                   \
    return kv_cvt_f64_u64(x, mode);                                                                                    \
  }
KV_ROUNDINGS(KV_CONVERSIONS)
