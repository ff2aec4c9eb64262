// Softmax of every row of x [rows, n] into y [rows, n]: a block a row, in three passes over the row (maximum, sum,
// output) with tree reductions in shared memory. A row of -inf gives zeros.
//
// Block kThreads, grid rows.
#include <cstdint>

constexpr int kThreads = 128; // a power of two, for the reductions

__global__ void __launch_bounds__(kThreads)
    softmax_row_block(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float scratch[kThreads];

  const int t = static_cast<int>(threadIdx.x);
  const float* row = x + static_cast<std::int64_t>(blockIdx.x) * n;
  float* out = y + static_cast<std::int64_t>(blockIdx.x) * n;

  float value = -INFINITY;
  for (int j = t; j < n; j += kThreads)
    value = fmaxf(value, row[j]);
  scratch[t] = value;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (t < half)
      scratch[t] = fmaxf(scratch[t], scratch[t + half]);
    __syncthreads();
  }
  const float row_max = scratch[0];
  const float shift = row_max == -INFINITY ? 0.0f : row_max;
  __syncthreads(); // everyone has read the maximum: the array may hold sums now

  float sum = 0.0f;
  for (int j = t; j < n; j += kThreads)
    sum += expf(row[j] - shift);
  scratch[t] = sum;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (t < half)
      scratch[t] += scratch[t + half];
    __syncthreads();
  }
  const float inverse = scratch[0] == 0.0f ? 0.0f : 1.0f / scratch[0];

  for (int j = t; j < n; j += kThreads)
    out[j] = expf(row[j] - shift) * inverse;
}
