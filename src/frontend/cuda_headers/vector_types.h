// float4 and its kin, with the alignments that CUDA's ABI gives them.
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"

#define KV_VECTOR_TYPES(prefix, T, align2, align4)                                \
  struct prefix##1 { T x; };                                                      \
  struct __attribute__((aligned(align2))) prefix##2 { T x, y; };                  \
  struct prefix##3 { T x, y, z; };                                                \
  struct __attribute__((aligned(align4))) prefix##4 { T x, y, z, w; };
KV_VECTOR_TYPES(char, signed char, 2, 4)
KV_VECTOR_TYPES(uchar, unsigned char, 2, 4)
KV_VECTOR_TYPES(short, short, 4, 8)
KV_VECTOR_TYPES(ushort, unsigned short, 4, 8)
KV_VECTOR_TYPES(int, int, 8, 16)
KV_VECTOR_TYPES(uint, unsigned int, 8, 16)
KV_VECTOR_TYPES(long, long, 16, 16)
KV_VECTOR_TYPES(ulong, unsigned long, 16, 16)
KV_VECTOR_TYPES(longlong, long long, 16, 16)
KV_VECTOR_TYPES(ulonglong, unsigned long long, 16, 16)
KV_VECTOR_TYPES(float, float, 8, 16)
KV_VECTOR_TYPES(double, double, 16, 16)
#undef KV_VECTOR_TYPES
// CUDA 13's names that say how four wide elements are aligned.
#define KV_WIDE_VECTORS(prefix, T)                                                \
  struct __attribute__((aligned(16))) prefix##4_16a { T x, y, z, w; };            \
  struct __attribute__((aligned(32))) prefix##4_32a { T x, y, z, w; };
KV_WIDE_VECTORS(long, long) KV_WIDE_VECTORS(ulong, unsigned long) KV_WIDE_VECTORS(longlong, long long)
KV_WIDE_VECTORS(ulonglong, unsigned long long) KV_WIDE_VECTORS(double, double)
#undef KV_WIDE_VECTORS

struct dim3 {
  unsigned int x, y, z;
  __host__ __device__ constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
      : x(vx), y(vy), z(vz) {}
  __host__ __device__ constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  __host__ __device__ constexpr operator uint3() const { return uint3{x, y, z}; }
};
