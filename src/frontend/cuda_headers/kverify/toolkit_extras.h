// Included after clang's wrapper of NVIDIA's headers: what nvcc has and clang-19 leaves out of them.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Declared by clang's wrapper and defined nowhere.
static __device__ __forceinline__ float nanf(const char* tag) { return __nv_nanf((const signed char*)tag); }
static __device__ __forceinline__ double nan(const char* tag) { return __nv_nan((const signed char*)tag); }

// clang-19 hands these builtins mask and value the wrong way round, and has no sum of ints.
#define KV_REDUCE(name, type, builtin) \
  static __device__ __forceinline__ type kv_##name(unsigned mask, type value) { return __nvvm_redux_sync_##builtin(value, mask); }
KV_REDUCE(reduce_add, unsigned, add) KV_REDUCE(reduce_add, int, add)
KV_REDUCE(reduce_min, unsigned, umin) KV_REDUCE(reduce_min, int, min)
KV_REDUCE(reduce_max, unsigned, umax) KV_REDUCE(reduce_max, int, max)
KV_REDUCE(reduce_and, unsigned, and) KV_REDUCE(reduce_or, unsigned, or) KV_REDUCE(reduce_xor, unsigned, xor)
#undef KV_REDUCE
#define __reduce_add_sync kv_reduce_add
#define __reduce_min_sync kv_reduce_min
#define __reduce_max_sync kv_reduce_max
#define __reduce_and_sync kv_reduce_and
#define __reduce_or_sync kv_reduce_or
#define __reduce_xor_sync kv_reduce_xor

// nvcc knows this one by itself; the toolkit's headers only declare it.
extern "C" __device__ inline unsigned short __usAtomicCAS(unsigned short* p, unsigned short expected, unsigned short v) {
  unsigned short old;
  asm volatile("atom.cas.b16 %0, [%1], %2, %3;" : "=h"(old) : "l"(p), "h"(expected), "h"(v) : "memory");
  return old;
}

// Loads and stores with cache hints; clang's wrapper has __ldg only. A hint changes no value.
#define KV_LOAD(name) \
  template <class T> static __device__ __forceinline__ T name(const T* address) { return *address; }
#define KV_STORE(name) \
  template <class T, class V> static __device__ __forceinline__ void name(T* address, V value) { *address = value; }
KV_LOAD(__ldca) KV_LOAD(__ldcg) KV_LOAD(__ldcs) KV_LOAD(__ldlu) KV_LOAD(__ldcv)
KV_STORE(__stwb) KV_STORE(__stcg) KV_STORE(__stcs) KV_STORE(__stwt)
#undef KV_LOAD
#undef KV_STORE
