// Mathematics. Device functions call libdevice by name (__nv_expf …), so that both kinds of headers give the same
// calls. Each is declared for the host too, as glibc has it, and brought into std before <cmath> can make its own
// constexpr functions callable from the device.
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"
#include "kverify/libdevice.h"

#if defined(__CLANG_GPU_APPROX_TRANSCENDENTALS__)
#define KV_FAST(fast, accurate) fast
#else
#define KV_FAST(fast, accurate) accurate
#endif

#ifndef INFINITY
#define INFINITY (__builtin_inff())
#endif
#ifndef NAN
#define NAN (__builtin_nanf(""))
#endif
#ifndef HUGE_VAL
#define HUGE_VAL (__builtin_huge_val())
#define HUGE_VALF (__builtin_huge_valf())
#endif

// What math.h defines for everybody under nvcc.
#define M_E 2.7182818284590452354
#define M_LOG2E 1.4426950408889634074
#define M_LOG10E 0.43429448190325182765
#define M_LN2 0.69314718055994530942
#define M_LN10 2.30258509299404568402
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_PI_4 0.78539816339744830962
#define M_1_PI 0.31830988618379067154
#define M_2_PI 0.63661977236758134308
#define M_2_SQRTPI 1.12837916709551257390
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440

namespace kverify_detail {
// Which C++ overload a call with integers or mixed types means: float only when every argument is float.
template <class T> struct IsInteger { static constexpr bool value = false; };
template <class T> struct IsReal { static constexpr bool value = IsInteger<T>::value; };
#define KV_INTEGER(T) \
  template <> struct IsInteger<T> { static constexpr bool value = true; };
KV_INTEGER(bool) KV_INTEGER(char) KV_INTEGER(signed char) KV_INTEGER(unsigned char) KV_INTEGER(short)
KV_INTEGER(unsigned short) KV_INTEGER(int) KV_INTEGER(unsigned) KV_INTEGER(long) KV_INTEGER(unsigned long)
KV_INTEGER(long long) KV_INTEGER(unsigned long long)
#undef KV_INTEGER
template <> struct IsReal<float> { static constexpr bool value = true; };
template <> struct IsReal<double> { static constexpr bool value = true; };
template <class A, class B> struct Same { static constexpr bool value = false; };
template <class A> struct Same<A, A> { static constexpr bool value = true; };
template <bool yes> struct DoubleIf {};
template <> struct DoubleIf<true> { typedef double type; };
template <class T> using ForInteger = typename DoubleIf<IsInteger<T>::value>::type;
template <class A, class B>
using ForMixed = typename DoubleIf<IsReal<A>::value && IsReal<B>::value &&
                                   (!Same<A, B>::value || IsInteger<A>::value)>::type;
}  // namespace kverify_detail

// f(double), ff(float), f(float), f(integer).
#define KV_MATH_1(NAME, float_call)                                                                          \
  extern "C" double NAME(double) noexcept(true);                                                             \
  extern "C" float NAME##f(float) noexcept(true);                                                            \
  KV_DEVICE double NAME(double x) { return __nv_##NAME(x); }                                                    \
  KV_DEVICE float NAME##f(float x) { return float_call(x); }                                                 \
  KV_DEVICE float NAME(float x) { return float_call(x); }                                                    \
  template <class T> KV_DEVICE kverify_detail::ForInteger<T> NAME(T x) { return __nv_##NAME((double)x); }       \
  namespace std { using ::NAME; using ::NAME##f; }
// f(double, double), ff(float, float), f(float, float), f(mixed).
#define KV_MATH_2(NAME, float_call)                                                                          \
  extern "C" double NAME(double, double) noexcept(true);                                                     \
  extern "C" float NAME##f(float, float) noexcept(true);                                                     \
  KV_DEVICE double NAME(double x, double y) { return __nv_##NAME(x, y); }                                       \
  KV_DEVICE float NAME##f(float x, float y) { return float_call(x, y); }                                     \
  KV_DEVICE float NAME(float x, float y) { return float_call(x, y); }                                        \
  template <class A, class B> KV_DEVICE kverify_detail::ForMixed<A, B> NAME(A x, B y) {                      \
    return __nv_##NAME((double)x, (double)y);                                                                \
  }                                                                                                       \
  namespace std { using ::NAME; using ::NAME##f; }

KV_MATH_1(acos, __nv_acosf) KV_MATH_1(acosh, __nv_acoshf) KV_MATH_1(asin, __nv_asinf) KV_MATH_1(asinh, __nv_asinhf)
KV_MATH_1(atan, __nv_atanf) KV_MATH_1(atanh, __nv_atanhf) KV_MATH_1(cbrt, __nv_cbrtf) KV_MATH_1(ceil, __nv_ceilf)
KV_MATH_1(cos, KV_FAST(__nv_fast_cosf, __nv_cosf)) KV_MATH_1(cosh, __nv_coshf) KV_MATH_1(erf, __nv_erff)
KV_MATH_1(erfc, __nv_erfcf) KV_MATH_1(exp, KV_FAST(__nv_fast_expf, __nv_expf)) KV_MATH_1(exp2, __nv_exp2f)
KV_MATH_1(expm1, __nv_expm1f) KV_MATH_1(fabs, __nv_fabsf) KV_MATH_1(floor, __nv_floorf)
KV_MATH_1(lgamma, __nv_lgammaf) KV_MATH_1(log, KV_FAST(__nv_fast_logf, __nv_logf))
KV_MATH_1(log10, KV_FAST(__nv_fast_log10f, __nv_log10f)) KV_MATH_1(log1p, __nv_log1pf)
KV_MATH_1(log2, KV_FAST(__nv_fast_log2f, __nv_log2f)) KV_MATH_1(logb, __nv_logbf)
KV_MATH_1(nearbyint, __nv_nearbyintf) KV_MATH_1(rint, __nv_rintf) KV_MATH_1(round, __nv_roundf)
KV_MATH_1(sin, KV_FAST(__nv_fast_sinf, __nv_sinf)) KV_MATH_1(sinh, __nv_sinhf) KV_MATH_1(sqrt, __nv_sqrtf)
KV_MATH_1(tan, KV_FAST(__nv_fast_tanf, __nv_tanf)) KV_MATH_1(tanh, __nv_tanhf) KV_MATH_1(tgamma, __nv_tgammaf)
KV_MATH_1(trunc, __nv_truncf)
KV_MATH_2(atan2, __nv_atan2f) KV_MATH_2(copysign, __nv_copysignf) KV_MATH_2(fdim, __nv_fdimf)
KV_MATH_2(fmax, __nv_fmaxf) KV_MATH_2(fmin, __nv_fminf) KV_MATH_2(fmod, __nv_fmodf) KV_MATH_2(hypot, __nv_hypotf)
KV_MATH_2(nextafter, __nv_nextafterf) KV_MATH_2(remainder, __nv_remainderf)
KV_MATH_2(pow, KV_FAST(__nv_fast_powf, __nv_powf))
#undef KV_MATH_1
#undef KV_MATH_2

extern "C" double fma(double, double, double) noexcept(true);
extern "C" float fmaf(float, float, float) noexcept(true);
KV_DEVICE double fma(double x, double y, double z) { return __nv_fma(x, y, z); }
KV_DEVICE float fmaf(float x, float y, float z) { return __nv_fmaf(x, y, z); }
KV_DEVICE float fma(float x, float y, float z) { return __nv_fmaf(x, y, z); }

extern "C" double ldexp(double, int) noexcept(true);
extern "C" float ldexpf(float, int) noexcept(true);
extern "C" double frexp(double, int*) noexcept(true);
extern "C" float frexpf(float, int*) noexcept(true);
extern "C" double modf(double, double*) noexcept(true);
extern "C" float modff(float, float*) noexcept(true);
KV_DEVICE double ldexp(double x, int e) { return __nv_ldexp(x, e); }
KV_DEVICE float ldexpf(float x, int e) { return __nv_ldexpf(x, e); }
KV_DEVICE float ldexp(float x, int e) { return __nv_ldexpf(x, e); }
KV_DEVICE double scalbn(double x, int e) { return __nv_scalbn(x, e); }
KV_DEVICE float scalbnf(float x, int e) { return __nv_scalbnf(x, e); }
KV_DEVICE float scalbn(float x, int e) { return __nv_scalbnf(x, e); }
KV_DEVICE double frexp(double x, int* e) { return __nv_frexp(x, e); }
KV_DEVICE float frexpf(float x, int* e) { return __nv_frexpf(x, e); }
KV_DEVICE float frexp(float x, int* e) { return __nv_frexpf(x, e); }
KV_DEVICE double modf(double x, double* whole) { return __nv_modf(x, whole); }
KV_DEVICE float modff(float x, float* whole) { return __nv_modff(x, whole); }
KV_DEVICE float modf(float x, float* whole) { return __nv_modff(x, whole); }
KV_DEVICE int ilogb(double x) { return __nv_ilogb(x); }
KV_DEVICE int ilogbf(float x) { return __nv_ilogbf(x); }
KV_DEVICE int ilogb(float x) { return __nv_ilogbf(x); }
KV_DEVICE float pow(float x, int y) { return __nv_powif(x, y); }
KV_DEVICE double pow(double x, int y) { return __nv_powi(x, y); }
KV_DEVICE double nan(const char* tag) { return __nv_nan((const signed char*)tag); }
KV_DEVICE float nanf(const char* tag) { return __nv_nanf((const signed char*)tag); }

KV_DEVICE long long llrint(double x) { return __nv_llrint(x); }
KV_DEVICE long long llrintf(float x) { return __nv_llrintf(x); }
KV_DEVICE long long llrint(float x) { return __nv_llrintf(x); }
KV_DEVICE long long llround(double x) { return __nv_llround(x); }
KV_DEVICE long long llroundf(float x) { return __nv_llroundf(x); }
KV_DEVICE long long llround(float x) { return __nv_llroundf(x); }
KV_DEVICE long lrint(double x) { return (long)__nv_llrint(x); }
KV_DEVICE long lrintf(float x) { return (long)__nv_llrintf(x); }
KV_DEVICE long lrint(float x) { return (long)__nv_llrintf(x); }
KV_DEVICE long lround(double x) { return (long)__nv_llround(x); }
KV_DEVICE long lroundf(float x) { return (long)__nv_llroundf(x); }
KV_DEVICE long lround(float x) { return (long)__nv_llroundf(x); }

// Names that C does not have; nvcc declares them for the host too.
#define KV_CUDA_MATH_1(NAME)                                        \
  extern "C" double NAME(double) noexcept(true);                    \
  extern "C" float NAME##f(float) noexcept(true);                   \
  KV_DEVICE double NAME(double x) { return __nv_##NAME(x); }           \
  KV_DEVICE float NAME##f(float x) { return __nv_##NAME##f(x); }       \
  KV_DEVICE float NAME(float x) { return __nv_##NAME##f(x); }
KV_CUDA_MATH_1(rsqrt) KV_CUDA_MATH_1(rcbrt) KV_CUDA_MATH_1(sinpi) KV_CUDA_MATH_1(cospi) KV_CUDA_MATH_1(normcdf)
KV_CUDA_MATH_1(normcdfinv) KV_CUDA_MATH_1(erfinv) KV_CUDA_MATH_1(erfcinv) KV_CUDA_MATH_1(erfcx)
KV_CUDA_MATH_1(cyl_bessel_i0) KV_CUDA_MATH_1(cyl_bessel_i1) KV_CUDA_MATH_1(j0) KV_CUDA_MATH_1(j1)
#undef KV_CUDA_MATH_1
extern "C" double exp10(double) noexcept(true);
extern "C" float exp10f(float) noexcept(true);
extern "C" void sincos(double, double*, double*) noexcept(true);
extern "C" void sincosf(float, float*, float*) noexcept(true);
KV_DEVICE double exp10(double x) { return __nv_exp10(x); }
KV_DEVICE float exp10f(float x) { return KV_FAST(__nv_fast_exp10f, __nv_exp10f)(x); }
KV_DEVICE float exp10(float x) { return exp10f(x); }
KV_DEVICE double fdivide(double x, double y) { return x / y; }
KV_DEVICE float fdividef(float x, float y) { return x / y; }
KV_DEVICE float fdivide(float x, float y) { return x / y; }
KV_DEVICE double rhypot(double x, double y) { return __nv_rhypot(x, y); }
KV_DEVICE float rhypotf(float x, float y) { return __nv_rhypotf(x, y); }
KV_DEVICE double norm3d(double x, double y, double z) { return __nv_norm3d(x, y, z); }
KV_DEVICE float norm3df(float x, float y, float z) { return __nv_norm3df(x, y, z); }
KV_DEVICE double rnorm3d(double x, double y, double z) { return __nv_rnorm3d(x, y, z); }
KV_DEVICE float rnorm3df(float x, float y, float z) { return __nv_rnorm3df(x, y, z); }
KV_DEVICE double norm4d(double x, double y, double z, double w) { return __nv_norm4d(x, y, z, w); }
KV_DEVICE float norm4df(float x, float y, float z, float w) { return __nv_norm4df(x, y, z, w); }
KV_DEVICE void sincos(double x, double* s, double* c) { __nv_sincos(x, s, c); }
KV_DEVICE void sincosf(float x, float* s, float* c) { KV_FAST(__nv_fast_sincosf, __nv_sincosf)(x, s, c); }
KV_DEVICE void sincospi(double x, double* s, double* c) { __nv_sincospi(x, s, c); }
KV_DEVICE void sincospif(float x, float* s, float* c) { __nv_sincospif(x, s, c); }

// Classification. Plain expressions of the IR, as the toolkit's isnan and isinf are.
#define KV_CLASSIFY(T)                                                            \
  KV_DEVICE bool isnan(T x) { return __builtin_isnan(x); }                        \
  KV_DEVICE bool isinf(T x) { return __builtin_isinf(x); }                        \
  KV_DEVICE bool isfinite(T x) { return __builtin_isfinite(x); }                  \
  KV_DEVICE bool isnormal(T x) { return __builtin_isnormal(x); }                  \
  KV_DEVICE bool signbit(T x) { return __builtin_signbit(x); }                    \
  KV_DEVICE bool isgreater(T x, T y) { return __builtin_isgreater(x, y); }        \
  KV_DEVICE bool isless(T x, T y) { return __builtin_isless(x, y); }              \
  KV_DEVICE bool isunordered(T x, T y) { return __builtin_isunordered(x, y); }
KV_CLASSIFY(float)
KV_CLASSIFY(double)
#undef KV_CLASSIFY

// Integers, and min and max, which nvcc has for both sides.
extern "C" int abs(int) noexcept(true);
extern "C" long labs(long) noexcept(true);
extern "C" long long llabs(long long) noexcept(true);
KV_DEVICE int abs(int x) { return x < 0 ? -x : x; }
KV_DEVICE long labs(long x) { return x < 0 ? -x : x; }
KV_DEVICE long abs(long x) { return x < 0 ? -x : x; }
KV_DEVICE long long llabs(long long x) { return x < 0 ? -x : x; }
KV_DEVICE long long abs(long long x) { return x < 0 ? -x : x; }
KV_DEVICE float abs(float x) { return __nv_fabsf(x); }
KV_DEVICE double abs(double x) { return __nv_fabs(x); }

#define KV_MIN_MAX_AS(A, B, R)                                                    \
  KV_HOST_DEVICE R min(A x, B y) { return (R)x < (R)y ? (R)x : (R)y; }            \
  KV_HOST_DEVICE R max(A x, B y) { return (R)x > (R)y ? (R)x : (R)y; }
#define KV_MIN_MAX(S, U)                                                          \
  KV_MIN_MAX_AS(S, S, S) KV_MIN_MAX_AS(U, U, U) KV_MIN_MAX_AS(S, U, U) KV_MIN_MAX_AS(U, S, U)
KV_MIN_MAX(int, unsigned int)
KV_MIN_MAX(long, unsigned long)
KV_MIN_MAX(long long, unsigned long long)
#undef KV_MIN_MAX
#undef KV_MIN_MAX_AS
KV_DEVICE float min(float x, float y) { return __nv_fminf(x, y); }
KV_DEVICE float max(float x, float y) { return __nv_fmaxf(x, y); }
KV_DEVICE double min(double x, double y) { return __nv_fmin(x, y); }
KV_DEVICE double max(double x, double y) { return __nv_fmax(x, y); }
KV_DEVICE double min(float x, double y) { return __nv_fmin(x, y); }
KV_DEVICE double max(float x, double y) { return __nv_fmax(x, y); }
KV_DEVICE double min(double x, float y) { return __nv_fmin(x, y); }
KV_DEVICE double max(double x, float y) { return __nv_fmax(x, y); }
__host__ float min(float, float);
__host__ float max(float, float);
__host__ double min(double, double);
__host__ double max(double, double);

namespace std {
using ::abs; using ::fma; using ::fmaf; using ::ldexp; using ::frexp; using ::modf; using ::scalbn; using ::ilogb;
using ::lrint; using ::llrint; using ::lround; using ::llround; using ::isnan; using ::isinf; using ::isfinite;
using ::isnormal; using ::signbit; using ::isgreater; using ::isless; using ::isunordered; using ::nan; using ::nanf;
}  // namespace std
