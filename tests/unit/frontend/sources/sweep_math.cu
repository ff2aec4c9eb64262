// Every mathematical function and single-thread intrinsic of the built-in headers, as a user would call it.
#include <cmath>
#include <math_constants.h>

__global__ void floats(float* f, int* i) {
  float x = f[threadIdx.x], y = f[threadIdx.x + 1], z = f[threadIdx.x + 2], s, c;
  x += acosf(y) + acoshf(y) + asinf(y) + asinhf(y) + atanf(y) + atanhf(y) + atan2f(x, y) + cbrtf(y) + ceilf(y);
  x += cosf(y) + coshf(y) + erff(y) + erfcf(y) + expf(y) + exp2f(y) + exp10f(y) + expm1f(y) + fabsf(y) + floorf(y);
  x += lgammaf(y) + logf(y) + log10f(y) + log1pf(y) + log2f(y) + logbf(y) + nearbyintf(y) + rintf(y) + roundf(y);
  x += sinf(y) + sinhf(y) + sqrtf(y) + tanf(y) + tanhf(y) + tgammaf(y) + truncf(y) + rsqrtf(y) + rcbrtf(y);
  x += copysignf(x, y) + fdimf(x, y) + fmaxf(x, y) + fminf(x, y) + fmodf(x, y) + hypotf(x, y) + nextafterf(x, y);
  x += remainderf(x, y) + powf(x, y) + fmaf(x, y, z) + ldexpf(x, 3) + scalbnf(x, 2) + frexpf(x, i) + modff(x, f);
  x += sinpif(y) + cospif(y) + normcdff(y) + normcdfinvf(y) + erfinvf(y) + erfcinvf(y) + erfcxf(y) + fdividef(x, y);
  x += j0f(y) + j1f(y) + cyl_bessel_i0f(y) + cyl_bessel_i1f(y) + rhypotf(x, y) + norm3df(x, y, z) + rnorm3df(x, y, z);
  x += norm4df(x, y, z, x) + nanf("");
  sincosf(x, &s, &c);
  sincospif(x, &s, &c);
  // The C++ overloads.
  x += acos(y) + exp(y) + exp2(y) + log(y) + log2(y) + sqrt(y) + rsqrt(y) + fabs(y) + abs(y) + floor(y) + ceil(y);
  x += pow(x, y) + fmax(x, y) + fmin(x, y) + fmod(x, y) + max(x, y) + min(x, y) + tanh(y) + erf(y) + round(y);
  x += std::exp(y) + std::log(y) + std::sqrt(y) + std::abs(y) + std::fmax(x, y) + std::pow(x, y) + std::tanh(y);
  x += std::floor(y) + std::ceil(y) + std::fma(x, y, z) + std::round(y) + std::trunc(y) + std::exp2(y) + std::log1p(y);
  // Fast ones.
  x += __expf(y) + __exp10f(y) + __logf(y) + __log2f(y) + __log10f(y) + __sinf(y) + __cosf(y) + __tanf(y);
  x += __powf(x, y) + __fdividef(x, y) + __saturatef(y);
  __sincosf(x, &s, &c);
  x += CUDART_INF_F + CUDART_NAN_F + CUDART_PI_F + CUDART_L2E_F + CUDART_MAX_NORMAL_F + INFINITY + NAN + M_PI;
  i[0] = isnan(x) + isinf(x) + isfinite(x) + signbit(x) + std::isnan(x) + std::isinf(x) + ilogbf(x);
  i[1] = (int)(lrintf(x) + llrintf(x) + lroundf(x) + llroundf(x));
  f[0] = x + s + c;
}

__global__ void doubles(double* f, int* i) {
  double x = f[threadIdx.x], y = f[threadIdx.x + 1], z = f[threadIdx.x + 2], s, c;
  x += acos(y) + acosh(y) + asin(y) + asinh(y) + atan(y) + atanh(y) + atan2(x, y) + cbrt(y) + ceil(y) + cos(y);
  x += cosh(y) + erf(y) + erfc(y) + exp(y) + exp2(y) + exp10(y) + expm1(y) + fabs(y) + floor(y) + lgamma(y) + log(y);
  x += log10(y) + log1p(y) + log2(y) + logb(y) + nearbyint(y) + rint(y) + round(y) + sin(y) + sinh(y) + sqrt(y);
  x += tan(y) + tanh(y) + tgamma(y) + trunc(y) + rsqrt(y) + rcbrt(y) + copysign(x, y) + fdim(x, y) + fmax(x, y);
  x += fmin(x, y) + fmod(x, y) + hypot(x, y) + nextafter(x, y) + remainder(x, y) + pow(x, y) + fma(x, y, z);
  x += max(x, y) + min(x, y) + sinpi(y) + cospi(y) + normcdf(y) + erfinv(y) + abs(y) + std::exp(y) + std::sqrt(y);
  sincos(x, &s, &c);
  x += __dadd_rn(x, y) + __dmul_rz(x, y) + __ddiv_ru(x, y) + __fma_rd(x, y, z) + __drcp_rn(x) + __dsqrt_rn(y);
  x += __hiloint2double(1, 2) + __longlong_as_double(3) + CUDART_INF + CUDART_PI;
  i[0] = __double2int_rn(x) + __double2int_rz(x) + __double2hiint(x) + __double2loint(x) + isnan(x) + isinf(x);
  f[0] = x + s + c + __int2double_rn(3) + __uint2double_rn(4u) + __ll2double_rn(5) + __ull2double_rn(6);
}

__global__ void roundings(float* f, int* i, unsigned* u, long long* l, unsigned long long* v) {
  float x = f[0], y = f[1], z = f[2];
#define ALL(m)                                                                                                   \
  x += __fadd_##m(x, y) + __fsub_##m(x, y) + __fmul_##m(x, y) + __fdiv_##m(x, y) + __fmaf_##m(x, y, z) +         \
       __frcp_##m(x) + __fsqrt_##m(x) + __double2float_##m((double)y) + __int2float_##m(i[0]) +                  \
       __uint2float_##m(u[0]) + __ll2float_##m(l[0]) + __ull2float_##m(v[0]);                                    \
  i[0] += __float2int_##m(x) + __double2int_##m((double)x);                                                      \
  u[0] += __float2uint_##m(x) + __double2uint_##m((double)x);                                                    \
  l[0] += __float2ll_##m(x) + __double2ll_##m((double)x);                                                        \
  v[0] += __float2ull_##m(x) + __double2ull_##m((double)x);
  ALL(rn) ALL(rz) ALL(ru) ALL(rd)
  f[0] = x + __frsqrt_rn(y);
}

__global__ void bits(int* i, unsigned* u, unsigned long long* v, float* f) {
  int a = i[0], b = i[1];
  unsigned x = u[0], y = u[1], z = u[2];
  i[0] = __clz(a) + __clzll((long long)v[0]) + __ffs(a) + __ffsll((long long)v[0]) + __popc(x) + __popcll(v[0]);
  i[1] = __mulhi(a, b) + __mul24(a, b) + __hadd(a, b) + __rhadd(a, b) + abs(a) + min(a, b) + max(a, b);
  u[0] = __brev(x) + __byte_perm(x, y, z) + __umulhi(x, y) + __umul24(x, y) + __uhadd(x, y) + __urhadd(x, y);
  u[1] = __sad(a, b, x) + __usad(x, y, z) + min(x, y) + max(x, y) + umin(x, y) + umax(x, y);
  u[2] = __funnelshift_l(x, y, z) + __funnelshift_r(x, y, z) + __funnelshift_lc(x, y, z) + __funnelshift_rc(x, y, z);
  v[0] = __brevll(v[0]) + __umul64hi(v[0], v[1]) + (unsigned long long)__mul64hi((long long)v[0], (long long)v[1]);
  v[1] = min(v[0], v[1]) + max(v[0], v[1]) + (unsigned long long)llabs((long long)v[2]);
  i[2] = __dp4a(a, b, 3) + __dp2a_lo(a, b, 3) + __dp2a_hi(a, b, 3) + (int)__dp4a(x, y, z);
  f[0] = __int_as_float(a) + __uint_as_float(x);
  i[3] = __float_as_int(f[0]) + (int)__float_as_uint(f[1]) + (int)__double_as_longlong((double)f[2]);
  i[4] = (int)clock64() + clock() + (int)__isGlobal(i) + (int)__isShared(i) + (int)__isLocal(i) + (int)__isConstant(i);
}
