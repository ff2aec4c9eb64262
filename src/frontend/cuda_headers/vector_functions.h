// make_float4 and its kin.
#pragma once
#pragma GCC system_header
#include "vector_types.h"

#define KV_MAKE_VECTORS(prefix, T)                                                                     \
  KV_HOST_DEVICE prefix##1 make_##prefix##1(T x) { return {x}; }                                       \
  KV_HOST_DEVICE prefix##2 make_##prefix##2(T x, T y) { return {x, y}; }                               \
  KV_HOST_DEVICE prefix##3 make_##prefix##3(T x, T y, T z) { return {x, y, z}; }                       \
  KV_HOST_DEVICE prefix##4 make_##prefix##4(T x, T y, T z, T w) { return {x, y, z, w}; }
KV_MAKE_VECTORS(char, signed char)
KV_MAKE_VECTORS(uchar, unsigned char)
KV_MAKE_VECTORS(short, short)
KV_MAKE_VECTORS(ushort, unsigned short)
KV_MAKE_VECTORS(int, int)
KV_MAKE_VECTORS(uint, unsigned int)
KV_MAKE_VECTORS(long, long)
KV_MAKE_VECTORS(ulong, unsigned long)
KV_MAKE_VECTORS(longlong, long long)
KV_MAKE_VECTORS(ulonglong, unsigned long long)
KV_MAKE_VECTORS(float, float)
KV_MAKE_VECTORS(double, double)
#undef KV_MAKE_VECTORS
