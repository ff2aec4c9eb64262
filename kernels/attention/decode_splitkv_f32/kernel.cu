// Decoding one token: a single query a head against a long key-value cache ("flash decoding"). The keys are cut into
// `splits` chunks; a block takes one chunk of one head and leaves an unnormalised partial output with its maximum and
// its sum; a second kernel merges the chunks. Chunks may be empty where `splits` does not divide the keys.
//
// Layouts, row-major and contiguous: q, o [B, heads, D]; k, v [B, kv_heads, n_k, D]; partial_o [B, heads, splits, D];
// partial_m, partial_l [B, heads, splits] (scratch between the two kernels).
#include <cstdint>

constexpr int kWarps = 4;
constexpr unsigned kAll = 0xffffffffu;

__device__ __forceinline__ float warpSum(float x) {
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2)
    x += __shfl_xor_sync(kAll, x, offset);
  return x;
}

// Block 32 * kWarps, grid (splits, heads, B). Each warp walks over every kWarps-th key of the chunk.
template <int D>
__global__ void __launch_bounds__(32 * kWarps)
    decode_splitkv(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                   float* __restrict__ partial_o, float* __restrict__ partial_m, float* __restrict__ partial_l,
                   int heads, int kv_heads, int n_k, float scale) {
  static_assert(D % 32 == 0, "each lane owns D / 32 columns");
  constexpr int kOwn = D / 32;
  __shared__ float warp_m[kWarps];
  __shared__ float warp_l[kWarps];
  __shared__ float warp_o[kWarps][D];

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int splits = static_cast<int>(gridDim.x);
  const int head = static_cast<int>(blockIdx.y);
  const std::int64_t q_head = static_cast<std::int64_t>(blockIdx.z) * heads + head;
  const std::int64_t kv_head = static_cast<std::int64_t>(blockIdx.z) * kv_heads + head / (heads / kv_heads);

  // Written so that nothing overflows and the last chunks may be empty: [begin, end) within [0, n_k].
  const int chunk = n_k / splits + (n_k % splits != 0 ? 1 : 0);
  const int begin =
      static_cast<int>(min(static_cast<std::int64_t>(blockIdx.x) * chunk, static_cast<std::int64_t>(n_k)));
  const int end = begin + min(chunk, n_k - begin);

  float query[kOwn];
  float acc[kOwn];
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    query[i] = q[q_head * D + lane + 32 * i] * scale;
    acc[i] = 0.0f;
  }
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  for (int j = begin + warp; j < end; j += kWarps) { // the same trips for all lanes of a warp
    const std::int64_t base = (kv_head * n_k + j) * D;
    float dot = 0.0f;
#pragma unroll
    for (int i = 0; i < kOwn; ++i)
      dot += query[i] * k[base + lane + 32 * i];
    const float s = warpSum(dot);
    const float new_max = fmaxf(row_max, s);
    const float shift = new_max == -INFINITY ? 0.0f : new_max;
    const float rescale = expf(row_max - shift);
    const float p = expf(s - shift);
    row_sum = row_sum * rescale + p;
    row_max = new_max;
#pragma unroll
    for (int i = 0; i < kOwn; ++i)
      acc[i] = acc[i] * rescale + p * v[base + lane + 32 * i];
  }

  // Merge the warps.
#pragma unroll
  for (int i = 0; i < kOwn; ++i)
    warp_o[warp][lane + 32 * i] = acc[i];
  if (lane == 0) {
    warp_m[warp] = row_max;
    warp_l[warp] = row_sum;
  }
  __syncthreads();

  float block_max = -INFINITY;
  for (int w = 0; w < kWarps; ++w)
    block_max = fmaxf(block_max, warp_m[w]);
  const float shift = block_max == -INFINITY ? 0.0f : block_max;
  const std::int64_t slot = q_head * splits + blockIdx.x;
  for (int c = static_cast<int>(threadIdx.x); c < D; c += 32 * kWarps) {
    float sum = 0.0f;
    for (int w = 0; w < kWarps; ++w)
      sum += expf(warp_m[w] - shift) * warp_o[w][c];
    partial_o[slot * D + c] = sum;
  }
  if (threadIdx.x == 0) {
    float sum = 0.0f;
    for (int w = 0; w < kWarps; ++w)
      sum += expf(warp_m[w] - shift) * warp_l[w];
    partial_m[slot] = block_max;
    partial_l[slot] = sum;
  }
}

// Block D, grid (heads, B): each thread one column of the output.
template <int D>
__global__ void __launch_bounds__(D)
    decode_combine(const float* __restrict__ partial_o, const float* __restrict__ partial_m,
                   const float* __restrict__ partial_l, float* __restrict__ o, int splits) {
  const int c = static_cast<int>(threadIdx.x);
  const std::int64_t q_head = static_cast<std::int64_t>(blockIdx.y) * gridDim.x + blockIdx.x;
  const std::int64_t first = q_head * splits;

  float total_max = -INFINITY;
  for (int i = 0; i < splits; ++i)
    total_max = fmaxf(total_max, partial_m[first + i]);
  const float shift = total_max == -INFINITY ? 0.0f : total_max;

  float sum = 0.0f;
  float weight = 0.0f;
  for (int i = 0; i < splits; ++i) {
    const float factor = expf(partial_m[first + i] - shift); // an empty chunk has -inf here, and weighs 0
    weight += factor * partial_l[first + i];
    sum += factor * partial_o[(first + i) * D + c];
  }
  o[q_head * D + c] = weight == 0.0f ? 0.0f : sum / weight;
}
