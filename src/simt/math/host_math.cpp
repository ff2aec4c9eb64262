// What the mathematical bitcode calls on the host.
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "simt/math/nv_math.h"

extern const char kverify_nv_math_begin[];
extern const char kverify_nv_math_end[];

namespace {

/// Inverse of a monotone function by Newton steps from an estimate; `f` and `slope` at x.
template <class F, class G>
double newton(double x, double target, F f, G slope) {
  for (int i = 0; i < 12; ++i) {
    const double step = (f(x) - target) / slope(x);
    if (!std::isfinite(step))
      break;
    x -= step;
    if (std::fabs(step) <= 1e-16 * std::fabs(x))
      break;
  }
  return x;
}

/// Modified Bessel function of the first kind, x >= 0. The library's throws for large x; there the asymptotic series
/// (Abramowitz and Stegun 9.7.1) has converged before its terms grow.
double besselI(double order, double x) {
  if (x < 40)
    return std::cyl_bessel_i(order, x);
  const double mu = 4 * order * order;
  double term = 1, sum = 1;
  for (int k = 1; k <= 30 && std::fabs(term) > 1e-17; ++k) {
    term *= -(mu - (2.0 * k - 1) * (2.0 * k - 1)) / (k * 8.0 * x);
    sum += term;
  }
  const double root = std::exp(x / 2); // e^x itself overflows before the result does
  return root / std::sqrt(2 * std::numbers::pi * x) * sum * root;
}

double gaussSlope(double x) {
  return 2 / std::sqrt(std::numbers::pi) * std::exp(-x * x);
}

/// Giles' estimate (2010): w = -log(1 - x²); a few digits are enough for Newton.
double erfinvEstimate(double x) {
  const double w = -std::log1p(-x * x);
  const double a = 0.147, b = 2 / (std::numbers::pi * a) - w / 2;
  return std::copysign(std::sqrt(std::sqrt(b * b + w / a) - b), x);
}

} // namespace

extern "C" {

double kv_host_directed(std::uint32_t operation, double a, double b, double c, std::uint32_t mode) {
  static constexpr int kModes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  const int before = std::fegetround();
  std::fesetround(kModes[mode & 3]);
  volatile double x = a, y = b, z = c, out = 0;
  switch (operation) {
  case 0: out = x + y; break;
  case 1: out = x * y; break;
  case 2: out = std::fma(x, y, z); break;
  case 3: out = x / y; break;
  default: out = std::sqrt(x); break;
  }
  std::fesetround(before);
  return out;
}

double kv_host_erfcinv(double x);

double kv_host_erfinv(double x) {
  if (!(std::fabs(x) < 1))
    return std::fabs(x) == 1 ? x * std::numeric_limits<double>::infinity() : std::nan("");
  if (x == 0)
    return x;
  if (std::fabs(x) > 0.9)
    return std::copysign(kv_host_erfcinv(1 - std::fabs(x)), x);
  return newton(
      erfinvEstimate(x), x, [](double y) { return std::erf(y); }, gaussSlope);
}

double kv_host_erfcinv(double x) {
  if (!(x >= 0 && x <= 2))
    return std::nan("");
  if (x == 0 || x == 2)
    return (1 - x) * std::numeric_limits<double>::infinity();
  if (x > 1)
    return -kv_host_erfcinv(2 - x);
  if (x > 0.1)
    return kv_host_erfinv(1 - x);
  // In logarithms: log erfc(y) = log x, slope -gaussSlope/erfc.
  const double start = std::sqrt(-std::log(x * std::sqrt(std::numbers::pi) * std::sqrt(-std::log(x))));
  return newton(
      std::isfinite(start) ? start : 1.0, std::log(x), [](double y) { return std::log(std::erfc(y)); },
      [](double y) { return -gaussSlope(y) / std::erfc(y); });
}

double kv_host_normcdf(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}
double kv_host_normcdfinv(double x) {
  return -std::numbers::sqrt2 * kv_host_erfcinv(2 * x);
}

double kv_host_erfcx(double x) {
  if (x < 25)
    return std::exp(x * x) * std::erfc(x);
  const double y = 1 / (x * x); // asymptotic series
  return 1 / (x * std::sqrt(std::numbers::pi)) * (1 - y / 2 * (1 - 1.5 * y * (1 - 2.5 * y)));
}

double kv_host_bessel_i0(double x) {
  return std::isfinite(x) ? besselI(0.0, std::fabs(x)) : x * x;
}
double kv_host_bessel_i1(double x) {
  return std::isfinite(x) ? std::copysign(besselI(1.0, std::fabs(x)), x) : x;
}

double kv_host_sinpi(double x) {
  const double r = std::remainder(x, 2.0); // exact, in [-1, 1]
  if (r == std::trunc(r))
    return std::isnan(r) ? r : std::copysign(0.0, x);
  const double near = std::fabs(r) > 0.5 ? std::copysign(1 - std::fabs(r), r) : r;
  return std::sin(std::numbers::pi * near);
}

double kv_host_cospi(double x) {
  const double r = std::fabs(std::remainder(x, 2.0));
  if (r == 0.5)
    return 0.0;
  return r > 0.25 && r < 0.75 ? std::sin(std::numbers::pi * (0.5 - r)) : std::cos(std::numbers::pi * r);
}

} // extern "C"

namespace kverify::simt {

std::string_view nvMathBitcode() {
  return {kverify_nv_math_begin, static_cast<std::size_t>(kverify_nv_math_end - kverify_nv_math_begin)};
}

#define KV_NAME(type, name)                                                                                            \
  { #name, reinterpret_cast < void*>(static_cast <type>(::name)) }

const std::vector<std::pair<const char*, void*>>& mathHostSymbols() {
  using F1 = float (*)(float);
  using F2 = float (*)(float, float);
  using D1 = double (*)(double);
  using D2 = double (*)(double, double);
  using Fi = float (*)(float, int);
  using Di = double (*)(double, int);
  using Fn = float (*)(int, float);
  using Dn = double (*)(int, double);
  static const std::vector<std::pair<const char*, void*>> kSymbols = {
      KV_NAME(D1, acos),
      KV_NAME(F1, acosf),
      KV_NAME(D1, acosh),
      KV_NAME(F1, acoshf),
      KV_NAME(D1, asin),
      KV_NAME(F1, asinf),
      KV_NAME(D1, asinh),
      KV_NAME(F1, asinhf),
      KV_NAME(D1, atan),
      KV_NAME(D2, atan2),
      KV_NAME(F2, atan2f),
      KV_NAME(F1, atanf),
      KV_NAME(D1, atanh),
      KV_NAME(F1, atanhf),
      KV_NAME(D1, cbrt),
      KV_NAME(F1, cbrtf),
      KV_NAME(D1, cos),
      KV_NAME(F1, cosf),
      KV_NAME(D1, cosh),
      KV_NAME(F1, coshf),
      KV_NAME(D1, erf),
      KV_NAME(D1, erfc),
      KV_NAME(F1, erfcf),
      KV_NAME(F1, erff),
      KV_NAME(D1, exp),
      KV_NAME(D1, exp10),
      KV_NAME(F1, exp10f),
      KV_NAME(D1, exp2),
      KV_NAME(F1, exp2f),
      KV_NAME(F1, expf),
      KV_NAME(D1, expm1),
      KV_NAME(F1, expm1f),
      KV_NAME(D2, fmod),
      KV_NAME(F2, fmodf),
      KV_NAME(double (*)(double, int*), frexp),
      KV_NAME(float (*)(float, int*), frexpf),
      KV_NAME(D2, hypot),
      KV_NAME(F2, hypotf),
      KV_NAME(int (*)(double), ilogb),
      KV_NAME(int (*)(float), ilogbf),
      KV_NAME(D1, j0),
      KV_NAME(F1, j0f),
      KV_NAME(D1, j1),
      KV_NAME(F1, j1f),
      KV_NAME(Dn, jn),
      KV_NAME(Fn, jnf),
      KV_NAME(D1, kv_host_bessel_i0),
      KV_NAME(D1, kv_host_bessel_i1),
      KV_NAME(D1, kv_host_cospi),
      KV_NAME(double (*)(std::uint32_t, double, double, double, std::uint32_t), kv_host_directed),
      KV_NAME(D1, kv_host_erfcinv),
      KV_NAME(D1, kv_host_erfcx),
      KV_NAME(D1, kv_host_erfinv),
      KV_NAME(D1, kv_host_normcdf),
      KV_NAME(D1, kv_host_normcdfinv),
      KV_NAME(D1, kv_host_sinpi),
      KV_NAME(Di, ldexp),
      KV_NAME(Fi, ldexpf),
      KV_NAME(D1, lgamma),
      KV_NAME(F1, lgammaf),
      KV_NAME(D1, log),
      KV_NAME(D1, log10),
      KV_NAME(F1, log10f),
      KV_NAME(D1, log1p),
      KV_NAME(F1, log1pf),
      KV_NAME(D1, log2),
      KV_NAME(F1, log2f),
      KV_NAME(D1, logb),
      KV_NAME(F1, logbf),
      KV_NAME(F1, logf),
      KV_NAME(D2, nextafter),
      KV_NAME(F2, nextafterf),
      KV_NAME(D2, pow),
      KV_NAME(F2, powf),
      KV_NAME(D2, remainder),
      KV_NAME(F2, remainderf),
      KV_NAME(double (*)(double, double, int*), remquo),
      KV_NAME(float (*)(float, float, int*), remquof),
      KV_NAME(D1, sin),
      KV_NAME(F1, sinf),
      KV_NAME(D1, sinh),
      KV_NAME(F1, sinhf),
      KV_NAME(D1, tan),
      KV_NAME(F1, tanf),
      KV_NAME(D1, tanh),
      KV_NAME(F1, tanhf),
      KV_NAME(D1, tgamma),
      KV_NAME(F1, tgammaf),
      KV_NAME(D1, y0),
      KV_NAME(F1, y0f),
      KV_NAME(D1, y1),
      KV_NAME(F1, y1f),
      KV_NAME(Dn, yn),
      KV_NAME(Fn, ynf)};
  return kSymbols;
}

} // namespace kverify::simt
