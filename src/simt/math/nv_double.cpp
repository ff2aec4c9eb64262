// libdevice's double-precision functions: the host's libm (not equal to the bit to CUDA's), exact ones exactly.
#include "simt/math/device.h"

using namespace kverify::simt::math;

extern "C" {
double kv_add_f64(double, double, std::uint32_t);
double kv_mul_f64(double, double, std::uint32_t);
double kv_fma_f64(double, double, double, std::uint32_t);
double kv_div_f64(double, double, std::uint32_t);
double kv_rcp_f64(double, std::uint32_t);
double kv_sqrt_f64(double, std::uint32_t);
double kv_min_f64(double, double, std::uint32_t);
double kv_max_f64(double, double, std::uint32_t);
double kv_host_erfinv(double), kv_host_erfcinv(double), kv_host_normcdf(double), kv_host_normcdfinv(double);
double kv_host_erfcx(double), kv_host_bessel_i0(double), kv_host_bessel_i1(double);
double kv_host_sinpi(double), kv_host_cospi(double);
double acos(double), acosh(double), asin(double), asinh(double), atan(double), atan2(double, double), atanh(double);
double cbrt(double), cosh(double), erf(double), erfc(double), exp10(double), expm1(double);
double fmod(double, double), hypot(double, double), j0(double), j1(double), jn(int, double), ldexp(double, int);
double lgamma(double), log10(double), log1p(double), logb(double), nextafter(double, double);
double pow(double, double), remainder(double, double), remquo(double, double, int*), sinh(double), tan(double);
double tgamma(double), y0(double), y1(double), yn(int, double), frexp(double, int*), tanh(double);
int ilogb(double);
}

#define KV_LIBM1(name)                                                                                                 \
  KV_DEVICE double __nv_##name(double a) {                                                                             \
    return ::name(a);                                                                                                  \
  }
#define KV_LIBM2(name)                                                                                                 \
  KV_DEVICE double __nv_##name(double a, double b) {                                                                   \
    return ::name(a, b);                                                                                               \
  }
#define KV_HOST1(name, function)                                                                                       \
  KV_DEVICE double __nv_##name(double a) {                                                                             \
    return function(a);                                                                                                \
  }
#define KV_ROUNDINGS(M) M(rn, kNearestEven) M(rz, kTowardZero) M(rd, kDown) M(ru, kUp)

KV_LIBM1(acos)
KV_LIBM1(acosh)
KV_LIBM1(asin) KV_LIBM1(asinh) KV_LIBM1(atan) KV_LIBM1(atanh) KV_LIBM1(cbrt) KV_LIBM1(cosh) KV_LIBM1(erf) KV_LIBM1(erfc)
    KV_LIBM1(exp10) KV_LIBM1(expm1) KV_LIBM1(j0) KV_LIBM1(j1) KV_LIBM1(lgamma) KV_LIBM1(log10) KV_LIBM1(log1p)
        KV_LIBM1(logb) KV_LIBM1(sinh) KV_LIBM1(tan) KV_LIBM1(tanh) KV_LIBM1(tgamma) KV_LIBM1(y0) KV_LIBM1(y1)
            KV_LIBM2(atan2) KV_LIBM2(fmod) KV_LIBM2(hypot) KV_LIBM2(nextafter) KV_LIBM2(pow) KV_LIBM2(remainder)
                KV_HOST1(exp, __builtin_exp) KV_HOST1(exp2, __builtin_exp2) KV_HOST1(log, __builtin_log)
                    KV_HOST1(log2, __builtin_log2) KV_HOST1(sin, __builtin_sin) KV_HOST1(cos, __builtin_cos)
                        KV_HOST1(erfinv, kv_host_erfinv) KV_HOST1(erfcinv, kv_host_erfcinv)
                            KV_HOST1(normcdf, kv_host_normcdf) KV_HOST1(normcdfinv, kv_host_normcdfinv)
                                KV_HOST1(erfcx, kv_host_erfcx) KV_HOST1(cyl_bessel_i0, kv_host_bessel_i0)
                                    KV_HOST1(cyl_bessel_i1, kv_host_bessel_i1) KV_HOST1(sinpi, kv_host_sinpi)
                                        KV_HOST1(cospi, kv_host_cospi) KV_DEVICE double __nv_jn(int n, double a) {
  return jn(n, a);
}
KV_DEVICE double __nv_yn(int n, double a) {
  return yn(n, a);
}
KV_DEVICE double __nv_ldexp(double a, int b) {
  return ldexp(a, b);
}
KV_DEVICE double __nv_scalbn(double a, int b) {
  return ldexp(a, b);
}
KV_DEVICE int __nv_ilogb(double a) {
  return a == 0 || a != a ? static_cast<int>(0x80000000) : ilogb(a);
}
KV_DEVICE double __nv_powi(double a, int b) {
  return pow(a, static_cast<double>(b));
}
KV_DEVICE double __nv_rcbrt(double a) {
  return 1.0 / cbrt(a);
}
KV_DEVICE double __nv_rhypot(double a, double b) {
  return 1.0 / hypot(a, b);
}
KV_DEVICE double __nv_norm3d(double a, double b, double c) {
  return hypot(hypot(a, b), c);
}
KV_DEVICE double __nv_rnorm3d(double a, double b, double c) {
  return 1.0 / hypot(hypot(a, b), c);
}
KV_DEVICE double __nv_norm4d(double a, double b, double c, double d) {
  return hypot(hypot(a, b), hypot(c, d));
}
KV_DEVICE double __nv_rnorm4d(double a, double b, double c, double d) {
  return 1.0 / hypot(hypot(a, b), hypot(c, d));
}

KV_DEVICE double __nv_fabs(double a) {
  return std::fabs(a);
}
KV_DEVICE double __nv_floor(double a) {
  return std::floor(a);
}
KV_DEVICE double __nv_ceil(double a) {
  return std::ceil(a);
}
KV_DEVICE double __nv_trunc(double a) {
  return std::trunc(a);
}
KV_DEVICE double __nv_rint(double a) {
  return __builtin_roundeven(a);
}
KV_DEVICE double __nv_nearbyint(double a) {
  return __builtin_roundeven(a);
}
KV_DEVICE double __nv_round(double a) {
  const double whole = std::trunc(a);
  return std::fabs(a - whole) >= 0.5 ? whole + std::copysign(1.0, a) : std::copysign(whole, a);
}
KV_DEVICE double __nv_copysign(double a, double b) {
  return std::copysign(a, b);
}
KV_DEVICE double __nv_fdim(double a, double b) {
  return a != a || b != b ? a + b : a > b ? a - b : 0.0;
}
KV_DEVICE double __nv_fmin(double a, double b) {
  return kv_min_f64(a, b, 0);
}
KV_DEVICE double __nv_fmax(double a, double b) {
  return kv_max_f64(a, b, 0);
}
KV_DEVICE double __nv_fma(double a, double b, double c) {
  return __builtin_fma(a, b, c);
}
KV_DEVICE double __nv_sqrt(double a) {
  return std::sqrt(a);
}
KV_DEVICE double __nv_rsqrt(double a) {
  return 1.0 / std::sqrt(a);
}
KV_DEVICE double __nv_rcp64h(double a) {
  return kv_rcp_f64(a, kApprox | kFlush);
}
KV_DEVICE double __nv_nan(const char*) {
  return canonicalNan(0.0);
}
KV_DEVICE int __nv_isnand(double a) {
  return a != a;
}
KV_DEVICE int __nv_isinfd(double a) {
  return std::fabs(a) == __builtin_inf();
}
KV_DEVICE int __nv_isfinited(double a) {
  return std::fabs(a) < __builtin_inf();
}
KV_DEVICE int __nv_signbitd(double a) {
  return std::signbit(a);
}

#define KV_ARITHMETIC(suffix, mode)                                                                                    \
  KV_DEVICE double __nv_dadd_##suffix(double a, double b) {                                                            \
    return kv_add_f64(a, b, mode);                                                                                     \
  }                                                                                                                    \
  KV_DEVICE double __nv_dsub_##suffix(double a, double b) {                                                            \
    return kv_add_f64(a, -b, mode);                                                                                    \
  }                                                                                                                    \
  KV_DEVICE double __nv_dmul_##suffix(double a, double b) {                                                            \
    return kv_mul_f64(a, b, mode);                                                                                     \
  }                                                                                                                    \
  KV_DEVICE double __nv_ddiv_##suffix(double a, double b) {                                                            \
    return kv_div_f64(a, b, mode);                                                                                     \
  }                                                                                                                    \
  KV_DEVICE double __nv_drcp_##suffix(double a) {                                                                      \
    return kv_div_f64(1.0, a, mode);                                                                                   \
  }                                                                                                                    \
  KV_DEVICE double __nv_dsqrt_##suffix(double a) {                                                                     \
    return kv_sqrt_f64(a, mode);                                                                                       \
  }                                                                                                                    \
  KV_DEVICE double __nv_fma_##suffix(double a, double b, double c) {                                                   \
    return kv_fma_f64(a, b, c, mode);                                                                                  \
  }
KV_ROUNDINGS(KV_ARITHMETIC)

KV_DEVICE double kv_modf_part_f64(double a) {
  return std::isinf(a) ? std::copysign(0.0, a) : std::copysign(a - std::trunc(a), a);
}
KV_DEVICE double kv_frexp_part_f64(double a) {
  int exponent = 0;
  return frexp(a, &exponent);
}
KV_DEVICE int kv_frexp_exponent_f64(double a) {
  int exponent = 0;
  frexp(a, &exponent);
  return std::isinf(a) || a != a ? 0 : exponent;
}
KV_DEVICE int kv_remquo_quotient_f64(double a, double b) {
  int quotient = 0;
  remquo(a, b, &quotient);
  return quotient;
}
