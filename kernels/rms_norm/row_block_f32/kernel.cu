// RMS normalisation of every row of x [rows, n]: y = x / sqrt(mean(x^2) + eps) * gamma. A block a row; the sum of
// squares by tree reduction in shared memory.
//
// Block kThreads, grid rows.
#include <cstdint>

constexpr int kThreads = 128; // a power of two, for the reduction

__global__ void __launch_bounds__(kThreads)
    rms_norm_row_block(const float* __restrict__ x, const float* __restrict__ gamma, float* __restrict__ y, int n,
                       float eps) {
  __shared__ float scratch[kThreads];

  const int t = static_cast<int>(threadIdx.x);
  const float* row = x + static_cast<std::int64_t>(blockIdx.x) * n;
  float* out = y + static_cast<std::int64_t>(blockIdx.x) * n;

  float squares = 0.0f;
  for (int j = t; j < n; j += kThreads)
    squares += row[j] * row[j];
  scratch[t] = squares;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (t < half)
      scratch[t] += scratch[t + half];
    __syncthreads();
  }
  const float inverse = rsqrtf(scratch[0] / static_cast<float>(n) + eps);

  for (int j = t; j < n; j += kThreads)
    out[j] = row[j] * inverse * gamma[j];
}
