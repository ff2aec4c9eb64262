// One decoding step over a paged cache: key j of batch entry b is row j % page of the page table[b, j / page]; entry b has
// lengths[b] keys. Query heads share a key-value head in groups. A warp a query head: each lane owns D / 32 channels, the
// dot products are summed by shuffles. An entry without keys gives 0.
// Layouts, row-major and contiguous: q, o [B, heads, D]; k, v [pages, page, kv_heads, D]; table [B, blocks]; lengths [B].
// Block 32, grid (heads, B).
#include <cstdint>

constexpr int kLanes = 32;
constexpr unsigned kAll = 0xffffffffu;

template <int D>
__global__ void __launch_bounds__(kLanes)
    paged_decode(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                 const int* __restrict__ table, const int* __restrict__ lengths, float* __restrict__ o, int heads,
                 int kv_heads, int page, int blocks, float scale) {
  constexpr int kOwn = D / kLanes;
  const int lane = static_cast<int>(threadIdx.x), head = static_cast<int>(blockIdx.x);
  const int batch = static_cast<int>(blockIdx.y), kv_head = head / (heads / kv_heads);
  const std::int64_t at = (static_cast<std::int64_t>(batch) * heads + head) * D;
  const int length = lengths[batch];

  float query[kOwn], acc[kOwn];
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    query[i] = q[at + i * kLanes + lane];
    acc[i] = 0.0f;
  }
  float row_max = -INFINITY, row_sum = 0.0f;
  for (int j = 0; j < length; ++j) { // the same for the whole warp
    const std::int64_t where = table[static_cast<std::int64_t>(batch) * blocks + j / page];
    const std::int64_t key = ((where * page + j % page) * kv_heads + kv_head) * D;
    float s = 0.0f;
#pragma unroll
    for (int i = 0; i < kOwn; ++i)
      s += query[i] * k[key + i * kLanes + lane];
#pragma unroll
    for (int step = kLanes / 2; step > 0; step /= 2)
      s += __shfl_xor_sync(kAll, s, step);
    s *= scale;
    const float new_max = fmaxf(row_max, s);
    const float rescale = expf(row_max - new_max), p = expf(s - new_max);
    row_sum = row_sum * rescale + p;
#pragma unroll
    for (int i = 0; i < kOwn; ++i)
      acc[i] = acc[i] * rescale + p * v[key + i * kLanes + lane];
    row_max = new_max;
  }
  const float inverse = row_sum == 0.0f ? 0.0f : 1.0f / row_sum;
#pragma unroll
  for (int i = 0; i < kOwn; ++i)
    o[at + i * kLanes + lane] = acc[i] * inverse;
}
