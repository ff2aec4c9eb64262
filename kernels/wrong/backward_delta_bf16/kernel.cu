// wrong: delta is kept in bf16 like everything around it. It is taken from dP, and what is left of the difference is a few
//        percent of either: two digits of delta are none of dS.
// refuted-by: numerics.bound (fuzz)
// passes-at: B=1 H=1 N=512
#include <cuda_bf16.h>

constexpr int kD = 32;

// delta = sum of dO * O, one thread a query.
__global__ void row_delta(const __nv_bfloat16* __restrict__ o, const __nv_bfloat16* __restrict__ d_o,
                          __nv_bfloat16* __restrict__ delta, int n) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n) return;
  const size_t at = static_cast<size_t>(blockIdx.y) * n + row;
  float sum = 0.0f;
  for (int c = 0; c < kD; ++c) sum += __bfloat162float(o[at * kD + c]) * __bfloat162float(d_o[at * kD + c]);
  delta[at] = __float2bfloat16(sum);
}

// dQ, one thread a query: P is recomputed from the saved log-sum-exp.
__global__ void grad_q(const __nv_bfloat16* __restrict__ q, const __nv_bfloat16* __restrict__ k,
                       const __nv_bfloat16* __restrict__ v, const float* __restrict__ lse,
                       const __nv_bfloat16* __restrict__ delta, const __nv_bfloat16* __restrict__ d_o,
                       __nv_bfloat16* __restrict__ dq, int n, float scale) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n) return;
  const size_t head = static_cast<size_t>(blockIdx.y) * n;
  const size_t at = (head + row) * kD;
  float acc[kD] = {};
  for (int j = 0; j < n; ++j) {
    const size_t key = (head + j) * kD;
    float s = 0.0f, dp = 0.0f;
    for (int c = 0; c < kD; ++c) {
      s += __bfloat162float(q[at + c]) * __bfloat162float(k[key + c]);
      dp += __bfloat162float(d_o[at + c]) * __bfloat162float(v[key + c]);
    }
    const float p = expf(s * scale - lse[head + row]);
    const float ds = p * (dp - __bfloat162float(delta[head + row]));
    for (int c = 0; c < kD; ++c) acc[c] += ds * __bfloat162float(k[key + c]);
  }
  for (int c = 0; c < kD; ++c) dq[at + c] = __float2bfloat16(acc[c] * scale);
}
