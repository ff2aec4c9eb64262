// Complex numbers as pairs: cuFloatComplex and cuDoubleComplex. Division and absolute value scale first, as the toolkit's do: neither
// overflows or underflows on the way to a result that does not.
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"
#include "vector_functions.h"
#include "vector_types.h"
#include "kverify/math.h"

typedef float2 cuFloatComplex;
typedef double2 cuDoubleComplex;
typedef cuFloatComplex cuComplex;

#define KV_COMPLEX(T, Pair, make, real, imag, conj, add, sub, mul, div, abs, fma, magnitude, root, largest)              \
  KV_HOST_DEVICE T real(Pair x) { return x.x; }                                                                        \
  KV_HOST_DEVICE T imag(Pair x) { return x.y; }                                                                        \
  KV_HOST_DEVICE Pair make(T re, T im) {                                                                               \
    Pair pair;                                                                                                         \
    pair.x = re;                                                                                                       \
    pair.y = im;                                                                                                       \
    return pair;                                                                                                       \
  }                                                                                                                    \
  KV_HOST_DEVICE Pair conj(Pair x) { return make(x.x, -x.y); }                                                         \
  KV_HOST_DEVICE Pair add(Pair a, Pair b) { return make(a.x + b.x, a.y + b.y); }                                       \
  KV_HOST_DEVICE Pair sub(Pair a, Pair b) { return make(a.x - b.x, a.y - b.y); }                                       \
  KV_HOST_DEVICE Pair mul(Pair a, Pair b) { return make((a.x * b.x) - (a.y * b.y), (a.x * b.y) + (a.y * b.x)); }       \
  KV_HOST_DEVICE Pair div(Pair a, Pair b) {                                                                            \
    T scale = (T)1 / (magnitude(b.x) + magnitude(b.y));                                                                \
    Pair p = make(a.x * scale, a.y * scale), q = make(b.x * scale, b.y * scale);                                       \
    T inverse = (T)1 / ((q.x * q.x) + (q.y * q.y));                                                                    \
    return make(((p.x * q.x) + (p.y * q.y)) * inverse, ((p.y * q.x) - (p.x * q.y)) * inverse);                         \
  }                                                                                                                    \
  KV_HOST_DEVICE T abs(Pair x) {                                                                                       \
    T a = magnitude(x.x), b = magnitude(x.y);                                                                          \
    T large = a > b ? a : b, small = a > b ? b : a;                                                                    \
    if (large == (T)0 || large > (T)largest || small > (T)largest)                                                     \
      return large + small;                                                                                            \
    T ratio = small / large;                                                                                           \
    return large * root((T)1 + ratio * ratio);                                                                         \
  }                                                                                                                    \
  KV_HOST_DEVICE Pair fma(Pair a, Pair b, Pair c) {                                                                    \
    T re = (a.x * b.x) + c.x, im = (a.x * b.y) + c.y;                                                                  \
    return make(-(a.y * b.y) + re, (a.y * b.x) + im);                                                                  \
  }

KV_COMPLEX(float, cuFloatComplex, make_cuFloatComplex, cuCrealf, cuCimagf, cuConjf, cuCaddf, cuCsubf, cuCmulf, cuCdivf, cuCabsf,
           cuCfmaf, __builtin_fabsf, __builtin_sqrtf, 3.402823466e38f)
KV_COMPLEX(double, cuDoubleComplex, make_cuDoubleComplex, cuCreal, cuCimag, cuConj, cuCadd, cuCsub, cuCmul, cuCdiv, cuCabs, cuCfma,
           __builtin_fabs, __builtin_sqrt, 1.79769313486231570e+308)
#undef KV_COMPLEX

KV_HOST_DEVICE cuComplex make_cuComplex(float re, float im) { return make_cuFloatComplex(re, im); }
KV_HOST_DEVICE cuDoubleComplex cuComplexFloatToDouble(cuFloatComplex x) { return make_cuDoubleComplex((double)x.x, (double)x.y); }
KV_HOST_DEVICE cuFloatComplex cuComplexDoubleToFloat(cuDoubleComplex x) { return make_cuFloatComplex((float)x.x, (float)x.y); }
