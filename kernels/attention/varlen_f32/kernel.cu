// Attention over packed sequences: sequence s has the queries cu_q[s] .. cu_q[s+1]-1 and the keys cu_k[s] .. cu_k[s+1]-1,
// with a causal mask aligned to the end of each. A thread a query row, online softmax over the sequence's keys. A row
// that sees no key gives 0. Layouts, row-major and contiguous: q, o [total_q, H, D]; k, v [total_k, H, D];
// cu_q, cu_k [sequences + 1]. Block kRows, grid (ceil(longest / kRows), H, sequences), longest: of the queries.
#include <cstdint>

constexpr int kRows = 64; // query rows of a block, a thread each

template <int D>
__global__ void __launch_bounds__(kRows)
    varlen_causal(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                  const int* __restrict__ cu_q, const int* __restrict__ cu_k, float* __restrict__ o, int heads,
                  float scale) {
  const int sequence = static_cast<int>(blockIdx.z), head = static_cast<int>(blockIdx.y);
  const int first_q = cu_q[sequence], n_q = cu_q[sequence + 1] - first_q;
  const int first_k = cu_k[sequence], n_k = cu_k[sequence + 1] - first_k;
  const int row = static_cast<int>(blockIdx.x) * kRows + static_cast<int>(threadIdx.x);
  if (row >= n_q)
    return;
  const std::int64_t at = (static_cast<std::int64_t>(first_q + row) * heads + head) * D;

  float query[D], acc[D];
#pragma unroll
  for (int e = 0; e < D; ++e) {
    query[e] = q[at + e];
    acc[e] = 0.0f;
  }
  float row_max = -INFINITY, row_sum = 0.0f;
  const int visible = min(n_k, row + n_k - n_q + 1); // may be <= 0
  for (int j = 0; j < visible; ++j) {
    const std::int64_t key = (static_cast<std::int64_t>(first_k + j) * heads + head) * D;
    float s = 0.0f;
#pragma unroll
    for (int e = 0; e < D; ++e)
      s += query[e] * k[key + e];
    s *= scale;
    const float new_max = fmaxf(row_max, s);
    const float rescale = expf(row_max - new_max), p = expf(s - new_max);
    row_sum = row_sum * rescale + p;
#pragma unroll
    for (int e = 0; e < D; ++e)
      acc[e] = acc[e] * rescale + p * v[key + e];
    row_max = new_max;
  }
  const float inverse = row_sum == 0.0f ? 0.0f : 1.0f / row_sum;
#pragma unroll
  for (int e = 0; e < D; ++e)
    o[at + e] = acc[e] * inverse;
}
