// Flash attention with a causal sliding window: query i stands at key i + n_k - n_q and sees that key and `window` keys
// before it. A thread a query row, online softmax over tiles of keys in shared memory; a block skips the tiles that none
// of its rows sees. A row that sees no key gives 0.
// Layouts, row-major and contiguous: q, o [B, H, n_q, D]; k, v [B, H, n_k, D]. Block kRows, grid (ceil(n_q / kRows), B*H).
#include <cstdint>

constexpr int kRows = 64; // query rows of a block, a thread each
constexpr int kKeys = 32; // keys of a tile

template <int D>
__global__ void __launch_bounds__(kRows)
    sliding_window(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                   float* __restrict__ o, int n_q, int n_k, int window, float scale) {
  __shared__ float k_tile[kKeys][D];
  __shared__ float v_tile[kKeys][D];

  const int t = static_cast<int>(threadIdx.x);
  const int first_row = static_cast<int>(blockIdx.x) * kRows;
  const int row = first_row + t;
  const bool active = row < n_q; // threads past the last row still load and meet every barrier
  const std::int64_t head = blockIdx.y;
  const int offset = n_k - n_q;

  // The keys of any row of the block: the first row's window begins, the last row's position ends it.
  const int last_row = min(first_row + kRows, n_q) - 1;
  const int block_first = max(0, first_row + offset - window);
  const int block_end = min(n_k, last_row + offset + 1);
  const int row_first = row + offset - window, row_end = row + offset + 1;

  float query[D], acc[D];
#pragma unroll
  for (int e = 0; e < D; ++e) {
    query[e] = active ? q[(head * n_q + row) * D + e] : 0.0f;
    acc[e] = 0.0f;
  }
  float row_max = -INFINITY, row_sum = 0.0f;

  for (int first = block_first; first < block_end; first += kKeys) {
    const int keys = min(kKeys, block_end - first);
    for (int i = t; i < keys * D; i += kRows) {
      k_tile[i / D][i % D] = k[(head * n_k + first) * D + i];
      v_tile[i / D][i % D] = v[(head * n_k + first) * D + i];
    }
    __syncthreads(); // the tile is complete
    for (int j = 0; j < keys && active; ++j) {
      if (first + j < row_first || first + j >= row_end)
        continue;
      float s = 0.0f;
#pragma unroll
      for (int e = 0; e < D; ++e)
        s += query[e] * k_tile[j][e];
      s *= scale;
      const float new_max = fmaxf(row_max, s);
      const float rescale = expf(row_max - new_max), p = expf(s - new_max);
      row_sum = row_sum * rescale + p;
#pragma unroll
      for (int e = 0; e < D; ++e)
        acc[e] = acc[e] * rescale + p * v_tile[j][e];
      row_max = new_max;
    }
    __syncthreads(); // everyone has read the tile: the next one may overwrite it
  }
  if (!active)
    return;
  const float inverse = row_sum == 0.0f ? 0.0f : 1.0f / row_sum;
#pragma unroll
  for (int e = 0; e < D; ++e)
    o[(head * n_q + row) * D + e] = acc[e] * inverse;
}
