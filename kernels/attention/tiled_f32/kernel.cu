// Attention with one thread a query row: its query and its output row stay in registers, and the block walks over tiles
// of keys and values in shared memory with an online softmax.
// Layouts, row-major and contiguous: q, o [heads, n_q, D]; k, v [heads, n_k, D]; heads = gridDim.y.
// Block kRows, grid (ceil(n_q / kRows), heads).
#include <cstdint>

constexpr int kRows = 64; // query rows, and threads, of a block
constexpr int kKeys = 32; // keys of a tile

template <int D>
__global__ void __launch_bounds__(kRows)
    attention_tiled(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                    float* __restrict__ o, int n_q, int n_k, float scale) {
  __shared__ float k_tile[kKeys][D];
  __shared__ float v_tile[kKeys][D];

  const std::int64_t head = blockIdx.y;
  const int row = static_cast<int>(blockIdx.x) * kRows + static_cast<int>(threadIdx.x);
  const bool active = row < n_q; // threads past the last row still help to load, and meet every barrier
  const std::int64_t q_base = (head * n_q + (active ? row : 0)) * D;

  float q_row[D];
  float acc[D];
#pragma unroll
  for (int c = 0; c < D; ++c) {
    q_row[c] = active ? q[q_base + c] * scale : 0.0f;
    acc[c] = 0.0f;
  }
  float row_max = -INFINITY;
  float row_sum = 0.0f;

  for (int first = 0; first < n_k; first += kKeys) {
    const int keys = min(kKeys, n_k - first);
    const std::int64_t kv_base = (head * n_k + first) * D;
    for (int i = static_cast<int>(threadIdx.x); i < keys * D; i += kRows) {
      k_tile[i / D][i % D] = k[kv_base + i];
      v_tile[i / D][i % D] = v[kv_base + i];
    }
    __syncthreads(); // the tile is complete

    if (active) {
      float s[kKeys];
      float tile_max = row_max;
      for (int j = 0; j < keys; ++j) {
        float dot = 0.0f;
#pragma unroll
        for (int c = 0; c < D; ++c)
          dot += q_row[c] * k_tile[j][c];
        s[j] = dot;
        tile_max = fmaxf(tile_max, dot);
      }
      const float shift = tile_max == -INFINITY ? 0.0f : tile_max; // every key masked so far: exp(-inf - 0) = 0
      const float rescale = expf(row_max - shift);
      row_sum *= rescale;
#pragma unroll
      for (int c = 0; c < D; ++c)
        acc[c] *= rescale;
      for (int j = 0; j < keys; ++j) {
        const float p = expf(s[j] - shift);
        row_sum += p;
#pragma unroll
        for (int c = 0; c < D; ++c)
          acc[c] += p * v_tile[j][c];
      }
      row_max = tile_max;
    }
    __syncthreads(); // everyone has read the tile: the next one may overwrite it
  }

  if (active) {
    const float inverse = row_sum == 0.0f ? 0.0f : 1.0f / row_sum; // a row with every key masked gives 0
#pragma unroll
    for (int c = 0; c < D; ++c)
      o[q_base + c] = acc[c] * inverse;
  }
}
