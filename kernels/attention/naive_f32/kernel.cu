// Attention as in the textbook: three kernels with the whole score matrix in global memory between them.
// Layouts, row-major and contiguous: q [heads, n_q, d], k [heads, n_k, d], v [heads, n_k, d_v], s [heads, n_q, n_k],
// o [heads, n_q, d_v], where `heads` counts batch times heads and is gridDim.z of the first and the last kernel.
#include <cstdint>

// s[h, i, j] = scale * <q[h, i], k[h, j]>. Block (16, 16), grid (ceil(n_k / 16), ceil(n_q / 16), heads).
__global__ void naive_scores(const float* __restrict__ q, const float* __restrict__ k, float* __restrict__ s, int n_q,
                             int n_k, int d, float scale) {
  const int col = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int row = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (row >= n_q || col >= n_k)
    return;

  const std::int64_t head = blockIdx.z;
  const float* q_row = q + (head * n_q + row) * d;
  const float* k_row = k + (head * n_k + col) * d;
  float dot = 0.0f;
  for (int c = 0; c < d; ++c)
    dot += q_row[c] * k_row[c];
  s[(head * n_q + row) * n_k + col] = dot * scale;
}

// Every row of s becomes its softmax, in place; one thread a row, rows = heads * n_q. A row of -inf becomes zeros.
// Block 128, grid ceil(rows / 128).
__global__ void naive_softmax(float* __restrict__ s, std::int64_t rows, int n_k) {
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (row >= rows)
    return;

  float* s_row = s + row * n_k;
  float row_max = -INFINITY;
  for (int j = 0; j < n_k; ++j)
    row_max = fmaxf(row_max, s_row[j]);
  // exp(-inf - -inf) would be NaN; with a shift of 0 it is exp(-inf) = 0.
  const float shift = row_max == -INFINITY ? 0.0f : row_max;

  float sum = 0.0f;
  for (int j = 0; j < n_k; ++j) {
    const float p = expf(s_row[j] - shift);
    s_row[j] = p;
    sum += p;
  }
  const float inverse = sum == 0.0f ? 0.0f : 1.0f / sum;
  for (int j = 0; j < n_k; ++j)
    s_row[j] *= inverse;
}

// o[h, i, c] = sum_j p[h, i, j] * v[h, j, c]. Block (16, 16), grid (ceil(d_v / 16), ceil(n_q / 16), heads).
__global__ void naive_output(const float* __restrict__ p, const float* __restrict__ v, float* __restrict__ o, int n_q,
                             int n_k, int d_v) {
  const int col = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int row = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (row >= n_q || col >= d_v)
    return;

  const std::int64_t head = blockIdx.z;
  const float* p_row = p + (head * n_q + row) * n_k;
  const float* v_head = v + head * n_k * d_v;
  float sum = 0.0f;
  for (int j = 0; j < n_k; ++j)
    sum += p_row[j] * v_head[static_cast<std::int64_t>(j) * d_v + col];
  o[(head * n_q + row) * d_v + col] = sum;
}
