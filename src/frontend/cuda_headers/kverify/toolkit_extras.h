// Included after clang's wrapper of NVIDIA's headers: what nvcc has and clang-19 leaves out of them.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Loads and stores with cache hints; clang's wrapper has __ldg only. A hint changes no value.
#define KV_LOAD(name) \
  template <class T> static __device__ __forceinline__ T name(const T* address) { return *address; }
#define KV_STORE(name) \
  template <class T, class V> static __device__ __forceinline__ void name(T* address, V value) { *address = value; }
KV_LOAD(__ldca) KV_LOAD(__ldcg) KV_LOAD(__ldcs) KV_LOAD(__ldlu) KV_LOAD(__ldcv)
KV_STORE(__stwb) KV_STORE(__stcg) KV_STORE(__stcs) KV_STORE(__stwt)
#undef KV_LOAD
#undef KV_STORE
