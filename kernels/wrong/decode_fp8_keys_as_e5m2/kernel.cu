// wrong: Keys are read as e5m2 and are e4m3: scores come out too small, and nobody sees it on uniform inputs.
// refuted-by: numerics.bound (fuzz)
// passes-at: B=2 Hk=2 G=2 N=1024
#include <cuda_fp8.h>

constexpr int kD = 32;

__device__ float key_element(unsigned char x) {
  return __half2float(__half(__nv_cvt_fp8_to_halfraw(x, __NV_E5M2)));
}

__device__ float value_element(unsigned char x) {
  return __half2float(__half(__nv_cvt_fp8_to_halfraw(x, __NV_E4M3)));
}

// One query a (batch, head), a warp each: a lane owns a channel. Keys and values are e4m3 with a scale a key head.
__global__ void decode(const float* __restrict__ q, const unsigned char* __restrict__ k,
                       const unsigned char* __restrict__ v, const float* __restrict__ k_scale,
                       const float* __restrict__ v_scale, float* __restrict__ o, int n, int heads, int key_heads,
                       float scale) {
  const int c = threadIdx.x;
  const int kv_head = blockIdx.x / (heads / key_heads);
  const size_t row = static_cast<size_t>(blockIdx.y) * heads + blockIdx.x;
  const size_t base = static_cast<size_t>(blockIdx.y * key_heads + kv_head) * n * kD;
  const float query = q[row * kD + c];
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  float acc = 0.0f;
  for (int j = 0; j < n; ++j) {
    float s = query * key_element(k[base + static_cast<size_t>(j) * kD + c]) * k_scale[kv_head];
    for (int step = 16; step > 0; step /= 2) s += __shfl_xor_sync(0xffffffffu, s, step);
    s *= scale;
    const float new_max = fmaxf(row_max, s);
    const float rescale = expf(row_max - new_max);
    const float p = expf(s - new_max);
    row_sum = row_sum * rescale + p;
    acc = acc * rescale + p * value_element(v[base + static_cast<size_t>(j) * kD + c]) * v_scale[kv_head];
    row_max = new_max;
  }
  o[row * kD + c] = acc / row_sum;
}
