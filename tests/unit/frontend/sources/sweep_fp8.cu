// 8-bit floats.
#include <cuda_fp8.h>

__global__ void fp8(__nv_fp8_e4m3* a, __nv_fp8_e5m2* b, float* f, half* h, __nv_fp8x2_e4m3* a2, __nv_fp8x4_e5m2* b4) {
  a[0] = __nv_fp8_e4m3(f[0]), a[1] = __nv_fp8_e4m3(h[0]);
  b[0] = __nv_fp8_e5m2(f[0]), b[1] = __nv_fp8_e5m2(h[0]);
  f[1] = float(a[0]) + float(b[0]) + (float)half(a[1]);
  a2[0] = __nv_fp8x2_e4m3(make_float2(f[0], f[1]));
  float2 two = float2(a2[0]);
  b4[0] = __nv_fp8x4_e5m2(make_float4(two.x, two.y, f[2], f[3]));
  f[4] = float4(b4[0]).w;
  __nv_fp8_storage_t raw = __nv_cvt_float_to_fp8(f[0], __NV_NOSAT, __NV_E4M3);
  raw = (unsigned char)(raw + __nv_cvt_float_to_fp8(f[0], __NV_SATFINITE, __NV_E5M2));
  h[1] = half(__nv_cvt_fp8_to_halfraw(raw, __NV_E4M3));
}
