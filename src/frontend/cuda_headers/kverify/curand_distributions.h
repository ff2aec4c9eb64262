// Uniform, normal and log-normal numbers from cuRAND's generators: the toolkit's expressions, so that rounding is the same.
#pragma once
#pragma GCC system_header

namespace kverify_detail {
KV_DEVICE float uniform(unsigned x) { return x * CURAND_2POW32_INV + (CURAND_2POW32_INV / 2.0f); }
KV_DEVICE double uniformDouble(unsigned x) { return x * CURAND_2POW32_INV_DOUBLE + CURAND_2POW32_INV_DOUBLE; }
KV_DEVICE double uniformDouble(unsigned x, unsigned y) {
  unsigned long long z = (unsigned long long)x ^ ((unsigned long long)y << (53 - 32));
  return z * CURAND_2POW53_INV_DOUBLE + (CURAND_2POW53_INV_DOUBLE / 2.0);
}
// Box and Muller's transform: two uniform numbers to two normal ones.
KV_DEVICE float2 scaledSines(float u, float v) {
  float s = sqrtf(-2.0f * logf(u));
  float2 result;
  __sincosf(v, &result.x, &result.y);
  result.x *= s;
  result.y *= s;
  return result;
}
KV_DEVICE double2 scaledSines(double u, double v) {
  double s = sqrt(-2.0 * log(u));
  double2 result;
  sincospi(v, &result.x, &result.y);
  result.x *= s;
  result.y *= s;
  return result;
}
KV_DEVICE float2 normals(unsigned x, unsigned y) {
  float u = x * CURAND_2POW32_INV + (CURAND_2POW32_INV / 2);
  float v = y * CURAND_2POW32_INV_2PI + (CURAND_2POW32_INV_2PI / 2);
  return scaledSines(u, v);
}
KV_DEVICE double2 normals(unsigned x0, unsigned x1, unsigned y0, unsigned y1) {
  unsigned long long zx = (unsigned long long)x0 ^ ((unsigned long long)x1 << (53 - 32));
  double u = zx * CURAND_2POW53_INV_DOUBLE + (CURAND_2POW53_INV_DOUBLE / 2.0);
  unsigned long long zy = (unsigned long long)y0 ^ ((unsigned long long)y1 << (53 - 32));
  double v = zy * (CURAND_2POW53_INV_DOUBLE * 2.0) + CURAND_2POW53_INV_DOUBLE;
  return scaledSines(u, v);
}
template <class S> KV_DEVICE float2 drawNormals(S* s) {
  unsigned x = curand(s), y = curand(s);
  return normals(x, y);
}
KV_DEVICE float2 drawNormals(curandStateMRG32k3a* s) {
  float x = (float)(curand_MRG32k3a(s) * 2.3283065498378288e-10);
  float y = (float)(curand_MRG32k3a(s) * 2.3283065498378288e-10) * CURAND_2PI;
  return scaledSines(x, y);
}
KV_DEVICE double2 drawNormalsDouble(curandStateXORWOW* s) {
  unsigned x0 = curand(s), x1 = curand(s), y0 = curand(s), y1 = curand(s);
  return normals(x0, x1, y0, y1);
}
KV_DEVICE double2 drawNormalsDouble(curandStatePhilox4_32_10* s) {
  uint4 x = curand4(s);
  return normals(x.x, x.y, x.z, x.w);
}
KV_DEVICE double2 drawNormalsDouble(curandStateMRG32k3a* s) {
  double x = curand_MRG32k3a(s) * 2.3283065498378288e-10, y = curand_MRG32k3a(s) * 2.3283065498378288e-10 * 2.0;
  return scaledSines(x, y);
}
}  // namespace kverify_detail

KV_DEVICE float curand_uniform(curandStateXORWOW* s) { return kverify_detail::uniform(curand(s)); }
KV_DEVICE float curand_uniform(curandStatePhilox4_32_10* s) { return kverify_detail::uniform(curand(s)); }
KV_DEVICE float curand_uniform(curandStateMRG32k3a* s) { return (float)(curand_MRG32k3a(s) * 2.3283065498378288e-10); }
KV_DEVICE float4 curand_uniform4(curandStatePhilox4_32_10* s) {
  uint4 x = curand4(s);
  using kverify_detail::uniform;
  return float4{uniform(x.x), uniform(x.y), uniform(x.z), uniform(x.w)};
}
KV_DEVICE double curand_uniform_double(curandStateXORWOW* s) {
  unsigned x = curand(s), y = curand(s);
  return kverify_detail::uniformDouble(x, y);
}
KV_DEVICE double curand_uniform_double(curandStatePhilox4_32_10* s) { return kverify_detail::uniformDouble(curand(s)); }
KV_DEVICE double curand_uniform_double(curandStateMRG32k3a* s) { return curand_MRG32k3a(s) * 2.3283065498378288e-10; }
KV_DEVICE double2 curand_uniform2_double(curandStatePhilox4_32_10* s) {
  uint4 x = curand4(s);
  return double2{kverify_detail::uniformDouble(x.x, x.y), kverify_detail::uniformDouble(x.z, x.w)};
}
KV_DEVICE double4 curand_uniform4_double(curandStatePhilox4_32_10* s) {
  double2 low = curand_uniform2_double(s), high = curand_uniform2_double(s);
  return double4{low.x, low.y, high.x, high.y};
}

#define KV_NORMALS(S)                                                                                 \
  KV_DEVICE float2 curand_normal2(S* s) { return kverify_detail::drawNormals(s); }                    \
  KV_DEVICE double2 curand_normal2_double(S* s) { return kverify_detail::drawNormalsDouble(s); }      \
  KV_DEVICE float curand_normal(S* s) {                                                               \
    if (s->boxmuller_flag == EXTRA_FLAG_NORMAL) {                                                     \
      s->boxmuller_flag = 0;                                                                          \
      return s->boxmuller_extra;                                                                      \
    }                                                                                                 \
    float2 v = kverify_detail::drawNormals(s);                                                        \
    s->boxmuller_extra = v.y;                                                                         \
    s->boxmuller_flag = EXTRA_FLAG_NORMAL;                                                            \
    return v.x;                                                                                       \
  }                                                                                                   \
  KV_DEVICE double curand_normal_double(S* s) {                                                       \
    if (s->boxmuller_flag_double == EXTRA_FLAG_NORMAL) {                                              \
      s->boxmuller_flag_double = 0;                                                                   \
      return s->boxmuller_extra_double;                                                               \
    }                                                                                                 \
    double2 v = kverify_detail::drawNormalsDouble(s);                                                 \
    s->boxmuller_extra_double = v.y;                                                                  \
    s->boxmuller_flag_double = EXTRA_FLAG_NORMAL;                                                     \
    return v.x;                                                                                       \
  }                                                                                                   \
  KV_DEVICE float2 curand_log_normal2(S* s, float mean, float stddev) {                               \
    float2 v = kverify_detail::drawNormals(s);                                                        \
    return float2{expf(mean + (stddev * v.x)), expf(mean + (stddev * v.y))};                          \
  }                                                                                                   \
  KV_DEVICE double2 curand_log_normal2_double(S* s, double mean, double stddev) {                     \
    double2 v = kverify_detail::drawNormalsDouble(s);                                                 \
    return double2{exp(mean + (stddev * v.x)), exp(mean + (stddev * v.y))};                           \
  }                                                                                                   \
  KV_DEVICE float curand_log_normal(S* s, float mean, float stddev) {                                 \
    if (s->boxmuller_flag == EXTRA_FLAG_LOG_NORMAL) {                                                 \
      s->boxmuller_flag = 0;                                                                          \
      return s->boxmuller_extra;                                                                      \
    }                                                                                                 \
    float2 v = kverify_detail::drawNormals(s);                                                        \
    s->boxmuller_extra = expf(mean + (stddev * v.y));                                                 \
    s->boxmuller_flag = EXTRA_FLAG_LOG_NORMAL;                                                        \
    return expf(mean + (stddev * v.x));                                                               \
  }                                                                                                   \
  KV_DEVICE double curand_log_normal_double(S* s, double mean, double stddev) {                       \
    if (s->boxmuller_flag_double == EXTRA_FLAG_LOG_NORMAL) {                                          \
      s->boxmuller_flag_double = 0;                                                                   \
      return s->boxmuller_extra_double;                                                               \
    }                                                                                                 \
    double2 v = kverify_detail::drawNormalsDouble(s);                                                 \
    s->boxmuller_extra_double = exp(mean + (stddev * v.y));                                           \
    s->boxmuller_flag_double = EXTRA_FLAG_LOG_NORMAL;                                                 \
    return exp(mean + (stddev * v.x));                                                                \
  }
KV_NORMALS(curandStateXORWOW) KV_NORMALS(curandStatePhilox4_32_10) KV_NORMALS(curandStateMRG32k3a)
#undef KV_NORMALS
KV_DEVICE float4 curand_normal4(curandStatePhilox4_32_10* s) {
  uint4 x = curand4(s);
  float2 low = kverify_detail::normals(x.x, x.y), high = kverify_detail::normals(x.z, x.w);
  return float4{low.x, low.y, high.x, high.y};
}
KV_DEVICE double4 curand_normal4_double(curandStatePhilox4_32_10* s) {
  double2 low = kverify_detail::drawNormalsDouble(s), high = kverify_detail::drawNormalsDouble(s);
  return double4{low.x, low.y, high.x, high.y};
}
KV_DEVICE float4 curand_log_normal4(curandStatePhilox4_32_10* s, float mean, float stddev) {
  float4 v = curand_normal4(s);
  return float4{expf(mean + (stddev * v.x)), expf(mean + (stddev * v.y)), expf(mean + (stddev * v.z)),
                expf(mean + (stddev * v.w))};
}

extern "C" __device__ unsigned kverify_unsupported_curand_poisson();
template <class S> KV_DEVICE unsigned curand_poisson(S*, double) { return kverify_unsupported_curand_poisson(); }
template <class S> KV_DEVICE uint4 curand_poisson4(S*, double) {
  unsigned x = kverify_unsupported_curand_poisson();
  return uint4{x, x, x, x};
}
