// Atomic functions of every width, in the three scopes: the device (no suffix), _block, _system.
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"
#include "vector_types.h"

// name, then scope's part of the builtin's name.
#define KV_ATOMIC_SCOPE(suffix, scope)                                                                              \
  KV_DEVICE int atomicAdd##suffix(int* p, int v) { return __nvvm_atom##scope##add_gen_i(p, v); }                    \
  KV_DEVICE unsigned atomicAdd##suffix(unsigned* p, unsigned v) {                                                   \
    return (unsigned)__nvvm_atom##scope##add_gen_i((int*)p, (int)v);                                                \
  }                                                                                                                 \
  KV_DEVICE unsigned long long atomicAdd##suffix(unsigned long long* p, unsigned long long v) {                     \
    return (unsigned long long)__nvvm_atom##scope##add_gen_ll((long long*)p, (long long)v);                         \
  }                                                                                                                 \
  KV_DEVICE float atomicAdd##suffix(float* p, float v) { return __nvvm_atom##scope##add_gen_f(p, v); }              \
  KV_DEVICE double atomicAdd##suffix(double* p, double v) { return __nvvm_atom##scope##add_gen_d(p, v); }           \
  KV_DEVICE int atomicSub##suffix(int* p, int v) { return __nvvm_atom##scope##add_gen_i(p, -v); }                   \
  KV_DEVICE unsigned atomicSub##suffix(unsigned* p, unsigned v) {                                                   \
    return (unsigned)__nvvm_atom##scope##add_gen_i((int*)p, -(int)v);                                               \
  }                                                                                                                 \
  KV_DEVICE int atomicExch##suffix(int* p, int v) { return __nvvm_atom##scope##xchg_gen_i(p, v); }                  \
  KV_DEVICE unsigned atomicExch##suffix(unsigned* p, unsigned v) {                                                  \
    return (unsigned)__nvvm_atom##scope##xchg_gen_i((int*)p, (int)v);                                               \
  }                                                                                                                 \
  KV_DEVICE unsigned long long atomicExch##suffix(unsigned long long* p, unsigned long long v) {                    \
    return (unsigned long long)__nvvm_atom##scope##xchg_gen_ll((long long*)p, (long long)v);                        \
  }                                                                                                                 \
  KV_DEVICE float atomicExch##suffix(float* p, float v) {                                                           \
    return __builtin_bit_cast(float, __nvvm_atom##scope##xchg_gen_i((int*)p, __builtin_bit_cast(int, v)));          \
  }                                                                                                                 \
  KV_DEVICE int atomicMin##suffix(int* p, int v) { return __nvvm_atom##scope##min_gen_i(p, v); }                    \
  KV_DEVICE int atomicMax##suffix(int* p, int v) { return __nvvm_atom##scope##max_gen_i(p, v); }                    \
  KV_DEVICE unsigned atomicMin##suffix(unsigned* p, unsigned v) { return __nvvm_atom##scope##min_gen_ui(p, v); }    \
  KV_DEVICE unsigned atomicMax##suffix(unsigned* p, unsigned v) { return __nvvm_atom##scope##max_gen_ui(p, v); }    \
  KV_DEVICE long long atomicMin##suffix(long long* p, long long v) { return __nvvm_atom##scope##min_gen_ll(p, v); } \
  KV_DEVICE long long atomicMax##suffix(long long* p, long long v) { return __nvvm_atom##scope##max_gen_ll(p, v); } \
  KV_DEVICE unsigned long long atomicMin##suffix(unsigned long long* p, unsigned long long v) {                     \
    return __nvvm_atom##scope##min_gen_ull(p, v);                                                                   \
  }                                                                                                                 \
  KV_DEVICE unsigned long long atomicMax##suffix(unsigned long long* p, unsigned long long v) {                     \
    return __nvvm_atom##scope##max_gen_ull(p, v);                                                                   \
  }                                                                                                                 \
  KV_DEVICE unsigned atomicInc##suffix(unsigned* p, unsigned v) { return __nvvm_atom##scope##inc_gen_ui(p, v); }    \
  KV_DEVICE unsigned atomicDec##suffix(unsigned* p, unsigned v) { return __nvvm_atom##scope##dec_gen_ui(p, v); }    \
  KV_DEVICE int atomicCAS##suffix(int* p, int expected, int v) {                                                    \
    return __nvvm_atom##scope##cas_gen_i(p, expected, v);                                                           \
  }                                                                                                                 \
  KV_DEVICE unsigned atomicCAS##suffix(unsigned* p, unsigned expected, unsigned v) {                                \
    return (unsigned)__nvvm_atom##scope##cas_gen_i((int*)p, (int)expected, (int)v);                                 \
  }                                                                                                                 \
  KV_DEVICE unsigned long long atomicCAS##suffix(unsigned long long* p, unsigned long long expected,                \
                                                 unsigned long long v) {                                            \
    return (unsigned long long)__nvvm_atom##scope##cas_gen_ll((long long*)p, (long long)expected, (long long)v);    \
  }
#define KV_ATOMIC_BITS(name, suffix, builtin)                                                                       \
  KV_DEVICE int name##suffix(int* p, int v) { return builtin##_gen_i(p, v); }                                       \
  KV_DEVICE unsigned name##suffix(unsigned* p, unsigned v) { return (unsigned)builtin##_gen_i((int*)p, (int)v); }   \
  KV_DEVICE unsigned long long name##suffix(unsigned long long* p, unsigned long long v) {                          \
    return (unsigned long long)builtin##_gen_ll((long long*)p, (long long)v);                                       \
  }
#define KV_ATOMIC_ALL_BITS(suffix, scope)                             \
  KV_ATOMIC_BITS(atomicAnd, suffix, __nvvm_atom##scope##and)          \
  KV_ATOMIC_BITS(atomicOr, suffix, __nvvm_atom##scope##or)            \
  KV_ATOMIC_BITS(atomicXor, suffix, __nvvm_atom##scope##xor)
KV_ATOMIC_SCOPE(, _) KV_ATOMIC_SCOPE(_block, _cta_) KV_ATOMIC_SCOPE(_system, _sys_)
KV_ATOMIC_ALL_BITS(, _) KV_ATOMIC_ALL_BITS(_block, _cta_) KV_ATOMIC_ALL_BITS(_system, _sys_)
#undef KV_ATOMIC_SCOPE
#undef KV_ATOMIC_BITS
#undef KV_ATOMIC_ALL_BITS

KV_DEVICE unsigned short atomicCAS(unsigned short* p, unsigned short expected, unsigned short v) {
  unsigned short old;
  asm volatile("atom.cas.b16 %0, [%1], %2, %3;" : "=h"(old) : "l"(p), "h"(expected), "h"(v) : "memory");
  return old;
}
// CUDA guarantees atomicity of each element only.
KV_DEVICE float2 atomicAdd(float2* p, float2 v) { return {atomicAdd(&p->x, v.x), atomicAdd(&p->y, v.y)}; }
KV_DEVICE float4 atomicAdd(float4* p, float4 v) {
  return {atomicAdd(&p->x, v.x), atomicAdd(&p->y, v.y), atomicAdd(&p->z, v.z), atomicAdd(&p->w, v.w)};
}
