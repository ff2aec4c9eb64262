// half, bfloat16 and their pairs.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

template <class T> __device__ T scalars(T a, T b, T c, int* out) {
  T r = __hadd(a, b);
  r = __hsub(r, b), r = __hmul(r, b), r = __hdiv(r, b), r = __hfma(r, b, c), r = __hneg(r), r = __habs(r);
  r = __hadd_rn(r, a), r = __hsub_rn(r, a), r = __hmul_rn(r, a), r = __hadd_sat(r, a), r = __hsub_sat(r, a);
  r = __hmul_sat(r, a), r = __hfma_sat(r, b, c), r = __hfma_relu(r, b, c), r = __hmax(r, a), r = __hmin(r, a);
  r = __hmax_nan(r, a), r = __hmin_nan(r, a);
  r = a + b - c * a / b, r += a, r -= b, r *= c, r /= a, ++r, --r, r++, r--, r = -r, r = +r;
  out[0] += (a == b) + (a != b) + (a < b) + (a <= b) + (a > b) + (a >= b);
  out[1] += __heq(a, b) + __hne(a, b) + __hlt(a, b) + __hle(a, b) + __hgt(a, b) + __hge(a, b);
  out[2] += __hequ(a, b) + __hneu(a, b) + __hltu(a, b) + __hleu(a, b) + __hgtu(a, b) + __hgeu(a, b);
  out[3] += __hisnan(a) + __hisinf(a);
  r = hsqrt(r), r = hrsqrt(r), r = hrcp(r), r = hexp(r), r = hexp2(r), r = hexp10(r), r = hlog(r), r = hlog2(r);
  r = hlog10(r), r = hsin(r), r = hcos(r), r = htrunc(r), r = hceil(r), r = hfloor(r), r = hrint(r), r = htanh(r);
  r = __shfl_sync(~0u, r, 1), r = __shfl_up_sync(~0u, r, 1), r = __shfl_down_sync(~0u, r, 1);
  return __shfl_xor_sync(~0u, r, 1);
}

template <class T2> __device__ T2 pairs(T2 a, T2 b, T2 c, unsigned* out) {
  T2 r = __hadd2(a, b);
  r = __hsub2(r, b), r = __hmul2(r, b), r = __h2div(r, b), r = __hfma2(r, b, c), r = __hneg2(r), r = __habs2(r);
  r = __hadd2_rn(r, a), r = __hsub2_rn(r, a), r = __hmul2_rn(r, a), r = __hadd2_sat(r, a), r = __hsub2_sat(r, a);
  r = __hmul2_sat(r, a), r = __hfma2_sat(r, b, c), r = __hfma2_relu(r, b, c), r = __hmax2(r, a), r = __hmin2(r, a);
  r = __hmax2_nan(r, a), r = __hmin2_nan(r, a), r = __hcmadd(a, b, c);
  r = a + b - c * a / b, r += a, r -= b, r *= c, r /= a, r = -r;
  out[0] += (a == b) + (a != b) + (a < b) + (a <= b) + (a > b) + (a >= b);
  out[1] += __hbeq2(a, b) + __hbne2(a, b) + __hblt2(a, b) + __hble2(a, b) + __hbgt2(a, b) + __hbge2(a, b);
  out[2] += __heq2_mask(a, b) + __hne2_mask(a, b) + __hlt2_mask(a, b) + __hgeu2_mask(a, b);
  r = __heq2(r, a), r = __hne2(r, a), r = __hlt2(r, a), r = __hle2(r, a), r = __hgt2(r, a), r = __hge2(r, a);
  r = __hisnan2(r), r = h2sqrt(r), r = h2rsqrt(r), r = h2rcp(r), r = h2exp(r), r = h2exp2(r), r = h2log(r);
  r = h2log2(r), r = h2sin(r), r = h2cos(r), r = h2trunc(r), r = h2ceil(r), r = h2floor(r), r = h2rint(r);
  r = __lowhigh2highlow(r);
  out[3] += (unsigned)(__low2float(r) + __high2float(r));
  r = __shfl_sync(~0u, r, 1), r = __shfl_up_sync(~0u, r, 1), r = __shfl_down_sync(~0u, r, 1);
  return __shfl_xor_sync(~0u, r, 1);
}

__global__ void halves(half* h, half2* h2, float* f, int* i, unsigned* u, double* d) {
  h += 32 * threadIdx.x, h2 += 16 * threadIdx.x, f += 4 * threadIdx.x, i += 8 * threadIdx.x, u += 8 * threadIdx.x;
  h[0] = scalars(h[0], h[1], h[2], i);
  h2[0] = pairs(h2[0], h2[1], h2[2], u);
  h[1] = __float2half(f[0]), h[2] = __float2half_rn(f[0]), h[3] = __float2half_rz(f[0]), h[4] = __double2half(d[0]);
  h[5] = __float2half_ru(f[0]), h[6] = __float2half_rd(f[0]);
  f[1] = __half2float(h[1]) + __low2float(h2[1]) + __high2float(h2[1]) + (float)h[3];
  h2[1] = __float2half2_rn(f[1]), h2[2] = __floats2half2_rn(f[0], f[1]);
  h2[3] = __float22half2_rn(make_float2(f[0], f[1]));
  float2 both = __half22float2(h2[3]);
  f[2] = both.x + both.y;
  h2[4] = make_half2(h[0], h[1]), h2[5] = __halves2half2(h[0], h[1]), h2[6] = __half2half2(h[2]);
  h2[6] = __low2half2(h2[5]), h2[7] = __high2half2(h2[5]), h2[8] = __lows2half2(h2[5], h2[6]);
  h2[9] = __highs2half2(h2[5], h2[6]), h[7] = __low2half(h2[5]), h[8] = __high2half(h2[5]);
  i[5] = __half2int_rn(h[0]) + __half2int_rz(h[0]) + __half2int_ru(h[0]) + __half2int_rd(h[0]) + __half2short_rn(h[1]);
  u[5] = __half2uint_rn(h[0]) + __half2ushort_rz(h[0]) + __half_as_ushort(h[0]) + (unsigned)__half2ull_rn(h[1]);
  h[9] = __int2half_rn(i[0]), h[10] = __uint2half_rn(u[0]), h[11] = __int2half_rz(i[0]), h[12] = __short2half_rn(3);
  h[13] = __ll2half_rn(5), h[14] = __ushort_as_half((unsigned short)7), h[15] = __short_as_half((short)7);
  h[16] = 1.5f, h[17] = 2.5, h[18] = 3, h[19] = half(0.25f), h[20] = __half(f[1]);
  h[21] = __ldg(h + 1), h2[10] = __ldg(h2 + 1);
  atomicAdd(h, h[1]), atomicAdd(h2, h2[1]);
  i[6] = (int)h[1] + (h[1] ? 1 : 0);
}

__global__ void bfloats(__nv_bfloat16* h, __nv_bfloat162* h2, float* f, int* i, unsigned* u, double* d) {
  h += 32 * threadIdx.x, h2 += 16 * threadIdx.x, f += 4 * threadIdx.x, i += 8 * threadIdx.x, u += 8 * threadIdx.x;
  h[0] = scalars(h[0], h[1], h[2], i);
  h2[0] = pairs(h2[0], h2[1], h2[2], u);
  h[1] = __float2bfloat16(f[0]), h[2] = __float2bfloat16_rn(f[0]), h[3] = __float2bfloat16_rz(f[0]);
  h[4] = __double2bfloat16(d[0]);
  f[1] = __bfloat162float(h[1]) + __low2float(h2[1]) + __high2float(h2[1]) + (float)h[3];
  h2[1] = __float2bfloat162_rn(f[1]), h2[2] = __floats2bfloat162_rn(f[0], f[1]);
  h2[3] = __float22bfloat162_rn(make_float2(f[0], f[1]));
  float2 both = __bfloat1622float2(h2[3]);
  f[2] = both.x + both.y;
  h2[4] = make_bfloat162(h[0], h[1]), h2[5] = __halves2bfloat162(h[0], h[1]), h2[6] = __bfloat162bfloat162(h[2]);
  h2[6] = __low2bfloat162(h2[5]), h2[7] = __high2bfloat162(h2[5]), h2[8] = __lows2bfloat162(h2[5], h2[6]);
  h[7] = __low2bfloat16(h2[5]), h[8] = __high2bfloat16(h2[5]);
  i[5] = __bfloat162int_rn(h[0]) + __bfloat162int_rz(h[0]) + __bfloat162short_rz(h[1]);
  u[5] = __bfloat162uint_rn(h[0]) + __bfloat16_as_ushort(h[0]);
  h[9] = __int2bfloat16_rn(i[0]), h[10] = __uint2bfloat16_rn(u[0]), h[14] = __ushort_as_bfloat16((unsigned short)7);
  h[16] = 1.5f, h[17] = 2.5, h[18] = 3, h[19] = __nv_bfloat16(0.25f), h[20] = nv_bfloat16(f[1]);
  h[21] = __ldg(h + 1), h2[10] = __ldg(h2 + 1);
  atomicAdd(h, h[1]), atomicAdd(h2, h2[1]);
  i[6] = (int)h[1] + (h[1] ? 1 : 0);
}
