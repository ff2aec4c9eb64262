// FlashAttention-1 (Dao et al. 2022, Algorithm 1): one block a head; the outer loop is over tiles of keys and values,
// the inner over tiles of queries. The running maximum m, the running sum l and the output, normalised after every
// step, live in global memory between the steps. A row belongs to the same thread in every step, so no other thread
// ever reads them.
//
// Layouts, row-major and contiguous: q, o [heads, n_q, D]; k, v [heads, n_k, D]; l, m [heads, n_q] (scratch);
// heads = gridDim.x * gridDim.y. Block kTile, grid (H, B).
#include <cstdint>

constexpr int kTile = 32; // rows of a tile of queries, keys of a tile, and threads of a block

template <int D>
__global__ void __launch_bounds__(kTile)
    flash_v1(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
             float* __restrict__ o, float* __restrict__ l, float* __restrict__ m, int n_q, int n_k, float scale) {
  // One column more than needed: thread t walks along row t, and the odd stride spreads the threads over the banks.
  __shared__ float q_tile[kTile][D + 1];
  __shared__ float k_tile[kTile][D];
  __shared__ float v_tile[kTile][D];
  __shared__ float s_tile[kTile][kTile + 1];

  const int t = static_cast<int>(threadIdx.x);
  const std::int64_t head = static_cast<std::int64_t>(blockIdx.y) * gridDim.x + blockIdx.x;

  for (int first_key = 0; first_key < n_k; first_key += kTile) {
    const int keys = min(kTile, n_k - first_key);
    const std::int64_t kv_base = (head * n_k + first_key) * D;
    for (int i = t; i < keys * D; i += kTile) {
      k_tile[i / D][i % D] = k[kv_base + i];
      v_tile[i / D][i % D] = v[kv_base + i];
    }

    for (int first_row = 0; first_row < n_q; first_row += kTile) {
      const int rows = min(kTile, n_q - first_row);
      const std::int64_t q_base = (head * n_q + first_row) * D;
      for (int i = t; i < rows * D; i += kTile)
        q_tile[i / D][i % D] = q[q_base + i];
      __syncthreads(); // q_tile, and at the first rows k_tile and v_tile, are complete

      if (t < rows) {
        const std::int64_t row = head * n_q + first_row + t;
        const bool first = first_key == 0; // nothing has been written to m, l and o yet
        const float old_max = first ? -INFINITY : m[row];
        const float old_sum = first ? 0.0f : l[row];

        float new_max = old_max;
        for (int j = 0; j < keys; ++j) {
          float dot = 0.0f;
          for (int c = 0; c < D; ++c)
            dot += q_tile[t][c] * k_tile[j][c];
          s_tile[t][j] = dot * scale;
          new_max = fmaxf(new_max, dot * scale);
        }
        const float shift = new_max == -INFINITY ? 0.0f : new_max; // every key masked so far: exp(-inf - 0) = 0
        float tile_sum = 0.0f;
        for (int j = 0; j < keys; ++j) {
          const float p = expf(s_tile[t][j] - shift);
          s_tile[t][j] = p;
          tile_sum += p;
        }
        const float kept = old_sum * expf(old_max - shift);
        const float new_sum = kept + tile_sum;
        const float inverse = new_sum == 0.0f ? 0.0f : 1.0f / new_sum; // a row with every key masked gives 0
        for (int c = 0; c < D; ++c) {
          float pv = 0.0f;
          for (int j = 0; j < keys; ++j)
            pv += s_tile[t][j] * v_tile[j][c];
          const float old = first ? 0.0f : o[row * D + c];
          o[row * D + c] = (kept * old + pv) * inverse;
        }
        m[row] = new_max;
        l[row] = new_sum;
      }
      __syncthreads(); // everyone has read q_tile, and at the last rows k_tile and v_tile: they may be overwritten
    }
  }
}
