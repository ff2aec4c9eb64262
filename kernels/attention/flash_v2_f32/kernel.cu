// FlashAttention-2 in plain fp32: a warp for each query row, an online softmax, no score ever in memory. In the first
// half of a step each lane owns a key, in the second half each lane owns D / 32 columns of the output.
//
// Layouts, row-major and contiguous: q, o [heads, n_q, D]; k, v [heads, n_k, D]; heads = gridDim.y.
// Block 32 * kWarps, grid (ceil(n_q / kWarps), heads).
#include <cstdint>

constexpr int kWarps = 4; // query rows of a block
constexpr int kKeys = 32; // keys of a tile: one a lane
constexpr unsigned kAll = 0xffffffffu;

__device__ __forceinline__ float warpMax(float x) {
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2)
    x = fmaxf(x, __shfl_xor_sync(kAll, x, offset));
  return x;
}

__device__ __forceinline__ float warpSum(float x) {
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2)
    x += __shfl_xor_sync(kAll, x, offset);
  return x;
}

template <int D>
__global__ void __launch_bounds__(32 * kWarps)
    flash_v2(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
             float* __restrict__ o, int n_q, int n_k, float scale) {
  static_assert(D % 32 == 0, "each lane owns D / 32 columns");
  __shared__ float q_rows[kWarps][D];
  __shared__ float k_tile[kKeys][D + 1]; // lane j reads along row j: the odd stride spreads the lanes over the banks
  __shared__ float v_tile[kKeys][D];

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const std::int64_t head = blockIdx.y;
  const int row = static_cast<int>(blockIdx.x) * kWarps + warp;
  const bool active = row < n_q; // a warp past the last row still loads tiles and meets every barrier
  const std::int64_t q_base = (head * n_q + (active ? row : 0)) * D;

  // The first __syncthreads() of the loop below orders these writes before the warp's other lanes read them.
  for (int c = lane; c < D; c += 32)
    q_rows[warp][c] = active ? q[q_base + c] * scale : 0.0f;

  float acc[D / 32] = {};
  float row_max = -INFINITY;
  float row_sum = 0.0f; // this lane's part; added up over the warp at the end

  for (int first = 0; first < n_k; first += kKeys) {
    const int keys = min(kKeys, n_k - first);
    const std::int64_t kv_base = (head * n_k + first) * D;
    for (int i = static_cast<int>(threadIdx.x); i < keys * D; i += 32 * kWarps) {
      k_tile[i / D][i % D] = k[kv_base + i];
      v_tile[i / D][i % D] = v[kv_base + i];
    }
    __syncthreads(); // the tile is complete

    float s = -INFINITY; // lanes without a key take part in the maximum, and weigh 0
    if (lane < keys) {
      s = 0.0f;
#pragma unroll 8
      for (int c = 0; c < D; ++c)
        s += q_rows[warp][c] * k_tile[lane][c];
    }
    const float new_max = fmaxf(row_max, warpMax(s));
    const float shift = new_max == -INFINITY ? 0.0f : new_max; // every key masked so far: exp(-inf - 0) = 0
    const float rescale = __expf(row_max - shift);
    const float p = __expf(s - shift);
    row_sum = row_sum * rescale + p;
    row_max = new_max;

#pragma unroll
    for (int i = 0; i < D / 32; ++i)
      acc[i] *= rescale;
    for (int j = 0; j < keys; ++j) {
      const float p_j = __shfl_sync(kAll, p, j);
#pragma unroll
      for (int i = 0; i < D / 32; ++i)
        acc[i] += p_j * v_tile[j][lane + 32 * i];
    }
    __syncthreads(); // everyone has read the tile: the next one may overwrite it
  }

  row_sum = warpSum(row_sum);
  if (active) {
    const float inverse = row_sum == 0.0f ? 0.0f : 1.0f / row_sum; // a row with every key masked gives 0
#pragma unroll
    for (int i = 0; i < D / 32; ++i)
      o[q_base + lane + 32 * i] = acc[i] * inverse;
  }
}
