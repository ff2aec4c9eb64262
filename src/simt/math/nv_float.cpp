// libdevice's single-precision functions. Transcendental ones are the host's libm (as accurate as CUDA's, mostly more;
// not equal to the bit); those of CUDA's fast intrinsics are built from the .approx instructions as libdevice builds
// them.
#include "simt/math/device.h"

using namespace kverify::simt::math;

extern "C" {
float kv_add_f32(float, float, std::uint32_t);
float kv_mul_f32(float, float, std::uint32_t);
float kv_fma_f32(float, float, float, std::uint32_t);
float kv_div_f32(float, float, std::uint32_t);
float kv_sqrt_f32(float, std::uint32_t);
float kv_rsqrt_f32(float, std::uint32_t);
float kv_min_f32(float, float, std::uint32_t);
float kv_max_f32(float, float, std::uint32_t);
float kv_ex2_f32(float, std::uint32_t);
float kv_lg2_f32(float, std::uint32_t);
float kv_sin_f32(float, std::uint32_t);
float kv_cos_f32(float, std::uint32_t);
// Functions that libm lacks: simt/math/host_math.cpp.
double kv_host_erfinv(double), kv_host_erfcinv(double), kv_host_normcdf(double), kv_host_normcdfinv(double);
double kv_host_erfcx(double), kv_host_bessel_i0(double), kv_host_bessel_i1(double);
double kv_host_sinpi(double), kv_host_cospi(double);
// libm, by the names the host exports.
float acosf(float), acoshf(float), asinf(float), asinhf(float), atanf(float), atan2f(float, float), atanhf(float);
float cbrtf(float), coshf(float), erff(float), erfcf(float), expf(float), exp10f(float), expm1f(float);
float fmodf(float, float), hypotf(float, float), j0f(float), j1f(float), jnf(int, float), ldexpf(float, int);
float lgammaf(float), log10f(float), log1pf(float), logf(float), logbf(float), nextafterf(float, float);
float powf(float, float), remainderf(float, float), remquof(float, float, int*), sinhf(float), tanf(float);
float tgammaf(float), y0f(float), y1f(float), ynf(int, float), frexpf(float, int*);
int ilogbf(float);
}

#define KV_LIBM1(name)                                                                                                 \
  KV_DEVICE float __nv_##name(float a) {                                                                               \
    return name(a);                                                                                                    \
  }
#define KV_LIBM2(name)                                                                                                 \
  KV_DEVICE float __nv_##name(float a, float b) {                                                                      \
    return name(a, b);                                                                                                 \
  }
#define KV_WIDE(name, function)                                                                                        \
  KV_DEVICE float __nv_##name(float a) {                                                                               \
    return static_cast<float>(function(static_cast<double>(a)));                                                       \
  }
// Rounding suffixes of CUDA: rn nearest, rz toward zero, rd down, ru up.
#define KV_ROUNDINGS(M) M(rn, kNearestEven) M(rz, kTowardZero) M(rd, kDown) M(ru, kUp)

KV_LIBM1(acosf)
KV_LIBM1(acoshf)
KV_LIBM1(asinf) KV_LIBM1(asinhf) KV_LIBM1(atanf) KV_LIBM1(atanhf) KV_LIBM1(cbrtf) KV_LIBM1(coshf) KV_LIBM1(erff)
    KV_LIBM1(erfcf) KV_LIBM1(expf) KV_LIBM1(exp10f) KV_LIBM1(expm1f) KV_LIBM1(j0f) KV_LIBM1(j1f) KV_LIBM1(lgammaf)
        KV_LIBM1(log10f) KV_LIBM1(log1pf) KV_LIBM1(logf) KV_LIBM1(logbf) KV_LIBM1(sinhf) KV_LIBM1(tanf)
            KV_LIBM1(tgammaf) KV_LIBM1(y0f) KV_LIBM1(y1f) KV_LIBM2(atan2f) KV_LIBM2(fmodf) KV_LIBM2(hypotf)
                KV_LIBM2(nextafterf) KV_LIBM2(powf) KV_LIBM2(remainderf) KV_DEVICE float __nv_exp2f(float a) {
  return __builtin_exp2f(a);
}
KV_DEVICE float __nv_log2f(float a) {
  return __builtin_log2f(a);
}
KV_DEVICE float __nv_sinf(float a) {
  return __builtin_sinf(a);
}
KV_DEVICE float __nv_cosf(float a) {
  return __builtin_cosf(a);
}
KV_DEVICE float __nv_tanhf(float a) {
  return __builtin_tanhf(a);
}
KV_DEVICE float __nv_jnf(int n, float a) {
  return jnf(n, a);
}
KV_DEVICE float __nv_ynf(int n, float a) {
  return ynf(n, a);
}
KV_DEVICE float __nv_ldexpf(float a, int b) {
  return ldexpf(a, b);
}
KV_DEVICE float __nv_scalbnf(float a, int b) {
  return ldexpf(a, b);
}
KV_DEVICE int __nv_ilogbf(float a) {
  return a == 0 || a != a ? static_cast<int>(0x80000000) : ilogbf(a);
}
KV_DEVICE float __nv_powif(float a, int b) {
  return powf(a, static_cast<float>(b));
}

KV_WIDE(erfinvf, kv_host_erfinv)
KV_WIDE(erfcinvf, kv_host_erfcinv)
KV_WIDE(normcdff, kv_host_normcdf) KV_WIDE(normcdfinvf, kv_host_normcdfinv) KV_WIDE(erfcxf, kv_host_erfcx)
    KV_WIDE(cyl_bessel_i0f, kv_host_bessel_i0) KV_WIDE(cyl_bessel_i1f, kv_host_bessel_i1) KV_WIDE(sinpif, kv_host_sinpi)
        KV_WIDE(cospif, kv_host_cospi)

            KV_DEVICE float __nv_rcbrtf(float a) {
  return 1.0f / cbrtf(a);
}
KV_DEVICE float __nv_rhypotf(float a, float b) {
  return 1.0f / hypotf(a, b);
}
static double norm3(double a, double b, double c) {
  return std::sqrt(a * a + b * b + c * c);
}
static double norm4(double a, double b, double c, double d) {
  return std::sqrt(a * a + b * b + c * c + d * d);
}
KV_DEVICE float __nv_norm3df(float a, float b, float c) {
  return static_cast<float>(norm3(a, b, c));
}
KV_DEVICE float __nv_rnorm3df(float a, float b, float c) {
  return static_cast<float>(1.0 / norm3(a, b, c));
}
KV_DEVICE float __nv_norm4df(float a, float b, float c, float d) {
  return static_cast<float>(norm4(a, b, c, d));
}
KV_DEVICE float __nv_rnorm4df(float a, float b, float c, float d) {
  return static_cast<float>(1.0 / norm4(a, b, c, d));
}

// Exact functions.
KV_DEVICE float __nv_fabsf(float a) {
  return std::fabs(a);
}
KV_DEVICE float __nv_floorf(float a) {
  return std::floor(a);
}
KV_DEVICE float __nv_ceilf(float a) {
  return std::ceil(a);
}
KV_DEVICE float __nv_truncf(float a) {
  return std::trunc(a);
}
KV_DEVICE float __nv_rintf(float a) {
  return __builtin_roundevenf(a);
}
KV_DEVICE float __nv_nearbyintf(float a) {
  return __builtin_roundevenf(a);
}
KV_DEVICE float __nv_roundf(float a) {
  const float whole = std::trunc(a);
  return std::fabs(a - whole) >= 0.5f ? whole + std::copysign(1.0f, a) : std::copysign(whole, a);
}
KV_DEVICE float __nv_copysignf(float a, float b) {
  return std::copysign(a, b);
}
KV_DEVICE float __nv_fdimf(float a, float b) {
  return a != a || b != b ? a + b : a > b ? a - b : 0.0f;
}
KV_DEVICE float __nv_fminf(float a, float b) {
  return kv_min_f32(a, b, 0);
}
KV_DEVICE float __nv_fmaxf(float a, float b) {
  return kv_max_f32(a, b, 0);
}
KV_DEVICE float __nv_fmaf(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}
KV_DEVICE float __nv_sqrtf(float a) {
  return std::sqrt(a);
}
KV_DEVICE float __nv_rsqrtf(float a) {
  return kv_rsqrt_f32(a, kApprox);
}
KV_DEVICE float __nv_frsqrt_rn(float a) {
  return kv_rsqrt_f32(a, 0);
}
KV_DEVICE float __nv_saturatef(float a) {
  return finish(a, kSaturate);
}
KV_DEVICE float __nv_nanf(const char*) {
  return floatOf(0x7fffffffu);
}
KV_DEVICE int __nv_isnanf(float a) {
  return a != a;
}
KV_DEVICE int __nv_isinff(float a) {
  return std::fabs(a) == __builtin_inff();
}
KV_DEVICE int __nv_finitef(float a) {
  return std::fabs(a) < __builtin_inff();
}
KV_DEVICE int __nv_signbitf(float a) {
  return std::signbit(a);
}

#define KV_ARITHMETIC(suffix, mode)                                                                                    \
  KV_DEVICE float __nv_fadd_##suffix(float a, float b) {                                                               \
    return kv_add_f32(a, b, mode);                                                                                     \
  }                                                                                                                    \
  KV_DEVICE float __nv_fsub_##suffix(float a, float b) {                                                               \
    return kv_add_f32(a, -b, mode);                                                                                    \
  }                                                                                                                    \
  KV_DEVICE float __nv_fmul_##suffix(float a, float b) {                                                               \
    return kv_mul_f32(a, b, mode);                                                                                     \
  }                                                                                                                    \
  KV_DEVICE float __nv_fdiv_##suffix(float a, float b) {                                                               \
    return kv_div_f32(a, b, mode);                                                                                     \
  }                                                                                                                    \
  KV_DEVICE float __nv_frcp_##suffix(float a) {                                                                        \
    return kv_div_f32(1.0f, a, mode);                                                                                  \
  }                                                                                                                    \
  KV_DEVICE float __nv_fsqrt_##suffix(float a) {                                                                       \
    return kv_sqrt_f32(a, mode);                                                                                       \
  }                                                                                                                    \
  KV_DEVICE float __nv_fmaf_##suffix(float a, float b, float c) {                                                      \
    return kv_fma_f32(a, b, c, mode);                                                                                  \
  }                                                                                                                    \
  KV_DEVICE float __nv_fmaf_ieee_##suffix(float a, float b, float c) {                                                 \
    return kv_fma_f32(a, b, c, mode);                                                                                  \
  }
KV_ROUNDINGS(KV_ARITHMETIC)

// CUDA's fast intrinsics, with libdevice's constants.
KV_DEVICE float __nv_fast_fdividef(float a, float b) {
  return kv_div_f32(a, b, kApprox);
}
KV_DEVICE float __nv_fast_expf(float a) {
  return kv_ex2_f32(a * 0x1.715476p+0f, kApprox);
}
KV_DEVICE float __nv_fast_exp10f(float a) {
  return kv_ex2_f32(a * 0x1.a934fp+1f, kApprox);
}
KV_DEVICE float __nv_fast_log2f(float a) {
  return kv_lg2_f32(a, kApprox);
}
KV_DEVICE float __nv_fast_logf(float a) {
  return kv_lg2_f32(a, kApprox) * 0x1.62e43p-1f;
}
KV_DEVICE float __nv_fast_log10f(float a) {
  return kv_lg2_f32(a, kApprox) * 0x1.344136p-2f;
}
KV_DEVICE float __nv_fast_powf(float a, float b) {
  return kv_ex2_f32(b * kv_lg2_f32(a, kApprox), kApprox);
}
KV_DEVICE float __nv_fast_sinf(float a) {
  return kv_sin_f32(a, kApprox);
}
KV_DEVICE float __nv_fast_cosf(float a) {
  return kv_cos_f32(a, kApprox);
}
KV_DEVICE float __nv_fast_tanf(float a) {
  return kv_div_f32(kv_sin_f32(a, kApprox), kv_cos_f32(a, kApprox), kApprox);
}
KV_DEVICE float __nv_fast_tanhf(float a) {
  return __builtin_tanhf(a);
}

// The parts of functions that give two results; the lowering stores them (simt/ptx/intrinsics.cpp).
KV_DEVICE float kv_modf_part_f32(float a) {
  return std::isinf(a) ? std::copysign(0.0f, a) : std::copysign(a - std::trunc(a), a);
}
KV_DEVICE float kv_frexp_part_f32(float a) {
  int exponent = 0;
  return frexpf(a, &exponent);
}
KV_DEVICE int kv_frexp_exponent_f32(float a) {
  int exponent = 0;
  frexpf(a, &exponent);
  return std::isinf(a) || a != a ? 0 : exponent;
}
KV_DEVICE int kv_remquo_quotient_f32(float a, float b) {
  int quotient = 0;
  remquof(a, b, &quotient);
  return quotient;
}
