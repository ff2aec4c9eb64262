// Fast mathematics, directed rounding, conversions, bit operations and odd jobs of a single thread.
// libdevice's names again, as clang's own CUDA headers use them.
#pragma once
#pragma GCC system_header
#include "kverify/libdevice.h"
#include "vector_functions.h"

// name(args): R from libdevice's function nv. One macro per number of arguments keeps this file short.
#define KV_NV_1(R, name, nv, A) KV_DEVICE R name(A a) { return (R)nv(a); }
#define KV_NV_2(R, name, nv, A) KV_DEVICE R name(A a, A b) { return (R)nv(a, b); }
#define KV_NV_3(R, name, nv, A) KV_DEVICE R name(A a, A b, A c) { return (R)nv(a, b, c); }

// Fast, less accurate.
KV_NV_1(float, __expf, __nv_fast_expf, float) KV_NV_1(float, __exp10f, __nv_fast_exp10f, float)
KV_NV_1(float, __logf, __nv_fast_logf, float) KV_NV_1(float, __log2f, __nv_fast_log2f, float)
KV_NV_1(float, __log10f, __nv_fast_log10f, float) KV_NV_1(float, __sinf, __nv_fast_sinf, float)
KV_NV_1(float, __cosf, __nv_fast_cosf, float) KV_NV_1(float, __tanf, __nv_fast_tanf, float)
KV_NV_2(float, __powf, __nv_fast_powf, float) KV_NV_2(float, __fdividef, __nv_fast_fdividef, float)
KV_NV_1(float, __saturatef, __nv_saturatef, float)
KV_DEVICE void __sincosf(float x, float* s, float* c) { __nv_fast_sincosf(x, s, c); }
KV_DEVICE float __tanhf(float x) {
  float y;
  asm("tanh.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Directed rounding: _rn to nearest even, _rz to zero, _ru up, _rd down.
#define KV_ROUNDINGS(m)                                                                                            \
  KV_NV_2(float, __fadd_##m, __nv_fadd_##m, float) KV_NV_2(float, __fsub_##m, __nv_fsub_##m, float)                \
  KV_NV_2(float, __fmul_##m, __nv_fmul_##m, float) KV_NV_2(float, __fdiv_##m, __nv_fdiv_##m, float)                \
  KV_NV_3(float, __fmaf_##m, __nv_fmaf_##m, float) KV_NV_3(float, __fmaf_ieee_##m, __nv_fmaf_ieee_##m, float)      \
  KV_NV_1(float, __frcp_##m, __nv_frcp_##m, float) KV_NV_1(float, __fsqrt_##m, __nv_fsqrt_##m, float)              \
  KV_NV_2(double, __dadd_##m, __nv_dadd_##m, double) KV_NV_2(double, __dsub_##m, __nv_dsub_##m, double)            \
  KV_NV_2(double, __dmul_##m, __nv_dmul_##m, double) KV_NV_2(double, __ddiv_##m, __nv_ddiv_##m, double)            \
  KV_NV_3(double, __fma_##m, __nv_fma_##m, double) KV_NV_1(double, __drcp_##m, __nv_drcp_##m, double)              \
  KV_NV_1(double, __dsqrt_##m, __nv_dsqrt_##m, double)                                                             \
  KV_NV_1(int, __float2int_##m, __nv_float2int_##m, float)                                                         \
  KV_NV_1(unsigned, __float2uint_##m, __nv_float2uint_##m, float)                                                  \
  KV_NV_1(long long, __float2ll_##m, __nv_float2ll_##m, float)                                                     \
  KV_NV_1(unsigned long long, __float2ull_##m, __nv_float2ull_##m, float)                                          \
  KV_NV_1(int, __double2int_##m, __nv_double2int_##m, double)                                                      \
  KV_NV_1(unsigned, __double2uint_##m, __nv_double2uint_##m, double)                                               \
  KV_NV_1(long long, __double2ll_##m, __nv_double2ll_##m, double)                                                  \
  KV_NV_1(unsigned long long, __double2ull_##m, __nv_double2ull_##m, double)                                       \
  KV_NV_1(float, __double2float_##m, __nv_double2float_##m, double)                                                \
  KV_NV_1(float, __int2float_##m, __nv_int2float_##m, int)                                                         \
  KV_NV_1(float, __uint2float_##m, __nv_uint2float_##m, unsigned)                                                  \
  KV_NV_1(float, __ll2float_##m, __nv_ll2float_##m, long long)                                                     \
  KV_NV_1(float, __ull2float_##m, __nv_ull2float_##m, unsigned long long)                                          \
  KV_NV_1(double, __ll2double_##m, __nv_ll2double_##m, long long)                                                  \
  KV_NV_1(double, __ull2double_##m, __nv_ull2double_##m, unsigned long long)
KV_ROUNDINGS(rn) KV_ROUNDINGS(rz) KV_ROUNDINGS(ru) KV_ROUNDINGS(rd)
#undef KV_ROUNDINGS
KV_NV_1(float, __frsqrt_rn, __nv_frsqrt_rn, float)
KV_DEVICE double __int2double_rn(int a) { return a; }
KV_DEVICE double __uint2double_rn(unsigned a) { return a; }

// The same bits, another type.
#define KV_AS(name, To, From) KV_HOST_DEVICE To name(From a) { return __builtin_bit_cast(To, a); }
KV_AS(__float_as_int, int, float) KV_AS(__float_as_uint, unsigned, float) KV_AS(__int_as_float, float, int)
KV_AS(__uint_as_float, float, unsigned) KV_AS(__double_as_longlong, long long, double)
KV_AS(__longlong_as_double, double, long long)
#undef KV_AS
KV_DEVICE int __double2hiint(double a) { return (int)(__double_as_longlong(a) >> 32); }
KV_DEVICE int __double2loint(double a) { return (int)__double_as_longlong(a); }
KV_DEVICE double __hiloint2double(int high, int low) {
  return __longlong_as_double((long long)high << 32 | (unsigned)low);
}

// Integers and bits.
KV_NV_1(int, __clz, __nv_clz, int) KV_NV_1(int, __clzll, __nv_clzll, long long) KV_NV_1(int, __ffs, __nv_ffs, int)
KV_NV_1(int, __ffsll, __nv_ffsll, long long) KV_NV_1(int, __popc, __nv_popc, unsigned)
KV_NV_1(int, __popcll, __nv_popcll, unsigned long long) KV_NV_1(unsigned, __brev, __nv_brev, unsigned)
KV_NV_1(unsigned long long, __brevll, __nv_brevll, unsigned long long)
KV_NV_3(unsigned, __byte_perm, __nv_byte_perm, unsigned) KV_NV_2(int, __mulhi, __nv_mulhi, int)
KV_NV_2(unsigned, __umulhi, __nv_umulhi, unsigned) KV_NV_2(long long, __mul64hi, __nv_mul64hi, long long)
KV_NV_2(unsigned long long, __umul64hi, __nv_umul64hi, unsigned long long) KV_NV_2(int, __mul24, __nv_mul24, int)
KV_NV_2(unsigned, __umul24, __nv_umul24, unsigned) KV_NV_2(int, __hadd, __nv_hadd, int)
KV_NV_2(int, __rhadd, __nv_rhadd, int) KV_NV_2(unsigned, __uhadd, __nv_uhadd, unsigned)
KV_NV_2(unsigned, __urhadd, __nv_urhadd, unsigned) KV_NV_3(unsigned, __usad, __nv_usad, unsigned)
KV_DEVICE unsigned __sad(int a, int b, unsigned c) { return __nv_sad(a, b, c); }
KV_NV_2(unsigned, umin, __nv_umin, unsigned) KV_NV_2(unsigned, umax, __nv_umax, unsigned)
KV_NV_2(long long, llmin, __nv_llmin, long long) KV_NV_2(long long, llmax, __nv_llmax, long long)
KV_NV_2(unsigned long long, ullmin, __nv_ullmin, unsigned long long)
KV_NV_2(unsigned long long, ullmax, __nv_ullmax, unsigned long long)
#undef KV_NV_1
#undef KV_NV_2
#undef KV_NV_3
KV_DEVICE unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)((((unsigned long long)high << 32 | low) << (shift & 31)) >> 32);
}
KV_DEVICE unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)(((unsigned long long)high << 32 | low) >> (shift & 31));
}
KV_DEVICE unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)((((unsigned long long)high << 32 | low) << (shift < 32 ? shift : 32)) >> 32);
}
KV_DEVICE unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)(((unsigned long long)high << 32 | low) >> (shift < 32 ? shift : 32));
}
#define KV_DP(name, ptx, R, A, B)                                                                  \
  KV_DEVICE R name(A a, B b, R c) {                                                                \
    R d;                                                                                           \
    asm(ptx " %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));                                \
    return d;                                                                                      \
  }
KV_DP(__dp4a, "dp4a.s32.s32", int, int, int) KV_DP(__dp4a, "dp4a.u32.u32", unsigned, unsigned, unsigned)
KV_DP(__dp2a_lo, "dp2a.lo.s32.s32", int, int, int) KV_DP(__dp2a_lo, "dp2a.lo.u32.u32", unsigned, unsigned, unsigned)
KV_DP(__dp2a_hi, "dp2a.hi.s32.s32", int, int, int) KV_DP(__dp2a_hi, "dp2a.hi.u32.u32", unsigned, unsigned, unsigned)
#undef KV_DP
KV_DEVICE int __dp4a(char4 a, char4 b, int c) {
  return __dp4a(__builtin_bit_cast(int, a), __builtin_bit_cast(int, b), c);
}
KV_DEVICE unsigned __dp4a(uchar4 a, uchar4 b, unsigned c) {
  return __dp4a(__builtin_bit_cast(unsigned, a), __builtin_bit_cast(unsigned, b), c);
}

// Clocks, timers and stops.
KV_DEVICE long long clock64() { return (long long)__nvvm_read_ptx_sreg_clock64(); }
KV_DEVICE int clock() { return __nvvm_read_ptx_sreg_clock(); }
KV_DEVICE void __trap() { asm volatile("trap;"); }
KV_DEVICE void __brkpt() { asm volatile("brkpt;"); }
KV_DEVICE void __nanosleep(unsigned ns) { __nvvm_nanosleep(ns); }

// Kinds of addresses.
typedef __attribute__((address_space(1))) void kverify_global_void;
typedef __attribute__((address_space(3))) void kverify_shared_void;
typedef __attribute__((address_space(4))) void kverify_constant_void;
typedef __attribute__((address_space(5))) void kverify_local_void;
KV_DEVICE unsigned __isGlobal(const void* p) { return __nvvm_isspacep_global(p); }
KV_DEVICE unsigned __isShared(const void* p) { return __nvvm_isspacep_shared(p); }
KV_DEVICE unsigned __isConstant(const void* p) { return __nvvm_isspacep_const(p); }
KV_DEVICE unsigned __isLocal(const void* p) { return __nvvm_isspacep_local(p); }
KV_DEVICE size_t __cvta_generic_to_global(const void* p) { return (size_t)(const kverify_global_void*)p; }
KV_DEVICE size_t __cvta_generic_to_shared(const void* p) { return (size_t)(const kverify_shared_void*)p; }
KV_DEVICE size_t __cvta_generic_to_constant(const void* p) { return (size_t)(const kverify_constant_void*)p; }
KV_DEVICE size_t __cvta_generic_to_local(const void* p) { return (size_t)(const kverify_local_void*)p; }
KV_DEVICE void* __cvta_global_to_generic(size_t p) { return (void*)(kverify_global_void*)p; }
KV_DEVICE void* __cvta_shared_to_generic(size_t p) { return (void*)(kverify_shared_void*)p; }
KV_DEVICE void* __cvta_constant_to_generic(size_t p) { return (void*)(kverify_constant_void*)p; }
KV_DEVICE void* __cvta_local_to_generic(size_t p) { return (void*)(kverify_local_void*)p; }
KV_DEVICE unsigned __nvvm_get_smem_pointer(void* p) { return (unsigned)__cvta_generic_to_shared(p); }
