// One decoding step of multi-query attention in half precision: all query heads share one key-value head, and batch
// entry b has lengths[b] of the n_k keys in use. A warp a query head: each lane owns pairs of channels, the dot products
// are summed by shuffles in f32, and so is the output, which is rounded once. An entry without keys gives 0.
// Layouts, row-major and contiguous: q, o [B, heads, D]; k, v [B, n_k, D]; lengths [B]. Block 32, grid (heads, B).
#include <cuda_fp16.h>

#include <cstdint>

constexpr int kLanes = 32;
constexpr unsigned kAll = 0xffffffffu;

template <int D>
__global__ void __launch_bounds__(kLanes)
    decode_mqa(const __half* __restrict__ q, const __half* __restrict__ k, const __half* __restrict__ v,
               const int* __restrict__ lengths, __half* __restrict__ o, int heads, int n_k, float scale) {
  constexpr int kOwn = D / (2 * kLanes); // pairs of a lane
  static_assert(D % (2 * kLanes) == 0, "each lane owns whole pairs");
  const int lane = static_cast<int>(threadIdx.x);
  const std::int64_t batch = blockIdx.y, row = batch * heads + blockIdx.x;
  const __half2* query2 = reinterpret_cast<const __half2*>(q) + row * (D / 2);
  const __half2* k2 = reinterpret_cast<const __half2*>(k) + batch * n_k * (D / 2);
  const __half2* v2 = reinterpret_cast<const __half2*>(v) + batch * n_k * (D / 2);
  const int length = lengths[batch];

  float2 query[kOwn], acc[kOwn];
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    query[i] = __half22float2(query2[i * kLanes + lane]);
    acc[i] = make_float2(0.0f, 0.0f);
  }
  float row_max = -INFINITY, row_sum = 0.0f;
  for (int j = 0; j < length; ++j) { // the same for the whole warp
    const std::int64_t key = static_cast<std::int64_t>(j) * (D / 2) + lane;
    float s = 0.0f;
#pragma unroll
    for (int i = 0; i < kOwn; ++i) {
      const float2 pair = __half22float2(k2[key + i * kLanes]);
      s += query[i].x * pair.x + query[i].y * pair.y;
    }
#pragma unroll
    for (int step = kLanes / 2; step > 0; step /= 2)
      s += __shfl_xor_sync(kAll, s, step);
    s *= scale;
    const float new_max = fmaxf(row_max, s);
    const float rescale = expf(row_max - new_max), p = expf(s - new_max);
    row_sum = row_sum * rescale + p;
#pragma unroll
    for (int i = 0; i < kOwn; ++i) {
      const float2 pair = __half22float2(v2[key + i * kLanes]);
      acc[i].x = acc[i].x * rescale + p * pair.x;
      acc[i].y = acc[i].y * rescale + p * pair.y;
    }
    row_max = new_max;
  }
  const float inverse = row_sum == 0.0f ? 0.0f : 1.0f / row_sum;
  __half2* out = reinterpret_cast<__half2*>(o) + row * (D / 2);
#pragma unroll
  for (int i = 0; i < kOwn; ++i)
    out[i * kLanes + lane] = __floats2half2_rn(acc[i].x * inverse, acc[i].y * inverse);
}
