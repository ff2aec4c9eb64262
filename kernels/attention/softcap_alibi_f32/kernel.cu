// Flash attention with soft-capped scores and ALiBi: s_ij = cap tanh(scale q_i.k_j / cap) - slope |i + n_k - n_q - j|.
// A thread a query row, online softmax over tiles of keys in shared memory.
// Layouts, row-major and contiguous: q, o [B, H, n_q, D]; k, v [B, H, n_k, D]; slopes [H]; lse [B, H, n_q].
// Block kRows, grid (ceil(n_q / kRows), H, B).
#include <cstdint>

constexpr int kRows = 64; // query rows of a block, a thread each
constexpr int kKeys = 32; // keys of a tile

template <int D>
__global__ void __launch_bounds__(kRows)
    softcap_alibi(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                  const float* __restrict__ slopes, float* __restrict__ o, float* __restrict__ lse, int heads, int n_q,
                  int n_k, float scale, float cap) {
  __shared__ float k_tile[kKeys][D];
  __shared__ float v_tile[kKeys][D];

  const int t = static_cast<int>(threadIdx.x);
  const int row = static_cast<int>(blockIdx.x) * kRows + t;
  const bool active = row < n_q; // threads past the last row still load and meet every barrier
  const std::int64_t head = static_cast<std::int64_t>(blockIdx.z) * heads + blockIdx.y;
  const float slope = slopes[blockIdx.y];
  const int position = row + n_k - n_q;

  float query[D], acc[D];
#pragma unroll
  for (int e = 0; e < D; ++e) {
    query[e] = active ? q[(head * n_q + row) * D + e] : 0.0f;
    acc[e] = 0.0f;
  }
  float row_max = -INFINITY, row_sum = 0.0f;

  for (int first = 0; first < n_k; first += kKeys) {
    const int keys = min(kKeys, n_k - first);
    for (int i = t; i < keys * D; i += kRows) {
      k_tile[i / D][i % D] = k[(head * n_k + first) * D + i];
      v_tile[i / D][i % D] = v[(head * n_k + first) * D + i];
    }
    __syncthreads(); // the tile is complete
    for (int j = 0; j < keys && active; ++j) {
      float s = 0.0f;
#pragma unroll
      for (int e = 0; e < D; ++e)
        s += query[e] * k_tile[j][e];
      s = cap * tanhf(s * scale / cap) - slope * fabsf(static_cast<float>(position - first - j));
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
#pragma unroll
  for (int e = 0; e < D; ++e)
    o[(head * n_q + row) * D + e] = acc[e] / row_sum;
  lse[head * n_q + row] = row_max + logf(row_sum);
}
