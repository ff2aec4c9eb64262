// Layer normalisation of every row of x [rows, n]: y = (x - mean) / sqrt(variance + eps) * gamma + beta, with the
// biased variance taken around the mean in a second pass. A block a row; sums by tree reduction in shared memory.
//
// Block kThreads, grid rows.
#include <cstdint>

constexpr int kThreads = 128; // a power of two, for the reduction

// The sum of every thread's `value`, in each thread. All threads of the block must call it.
__device__ __forceinline__ float blockSum(float value, float* scratch) {
  const int t = static_cast<int>(threadIdx.x);
  scratch[t] = value;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (t < half)
      scratch[t] += scratch[t + half];
    __syncthreads();
  }
  const float total = scratch[0];
  __syncthreads(); // everyone has read the total: the next call may overwrite it
  return total;
}

__global__ void __launch_bounds__(kThreads)
    layer_norm_two_pass(const float* __restrict__ x, const float* __restrict__ gamma, const float* __restrict__ beta,
                        float* __restrict__ y, int n, float eps) {
  __shared__ float scratch[kThreads];

  const int t = static_cast<int>(threadIdx.x);
  const float* row = x + static_cast<std::int64_t>(blockIdx.x) * n;
  float* out = y + static_cast<std::int64_t>(blockIdx.x) * n;

  float sum = 0.0f;
  for (int j = t; j < n; j += kThreads)
    sum += row[j];
  const float mean = blockSum(sum, scratch) / static_cast<float>(n);

  float squares = 0.0f;
  for (int j = t; j < n; j += kThreads) {
    const float centred = row[j] - mean;
    squares += centred * centred;
  }
  const float variance = blockSum(squares, scratch) / static_cast<float>(n);
  const float inverse = rsqrtf(variance + eps);

  for (int j = t; j < n; j += kThreads)
    out[j] = (row[j] - mean) * inverse * gamma[j] + beta[j];
}
