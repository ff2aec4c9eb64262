// Gradients of RMS normalisation, with the forward pass's rstd [rows]: with xhat = x rstd and g = dy gamma,
//   dx = rstd (g - xhat mean(g xhat)),   dgamma = sum over rows of dy xhat.
// dx: a block a row, the mean by tree reduction. dgamma: a thread a column, so that the sum has one fixed order.
//
// rms_norm_dx: block kThreads, grid rows. rms_norm_dgamma: block kThreads, grid ceil(n / kThreads).
#include <cstdint>

constexpr int kThreads = 128; // a power of two, for the reduction

__global__ void __launch_bounds__(kThreads)
    rms_norm_dx(const float* __restrict__ x, const float* __restrict__ dy, const float* __restrict__ gamma,
                const float* __restrict__ rstd, float* __restrict__ dx, int n) {
  __shared__ float scratch[kThreads];

  const int t = static_cast<int>(threadIdx.x);
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * n;
  const float inverse = rstd[blockIdx.x];

  float projection = 0.0f;
  for (int j = t; j < n; j += kThreads)
    projection += dy[first + j] * gamma[j] * (x[first + j] * inverse);
  scratch[t] = projection;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (t < half)
      scratch[t] += scratch[t + half];
    __syncthreads();
  }
  const float mean = scratch[0] / static_cast<float>(n);

  for (int j = t; j < n; j += kThreads)
    dx[first + j] = (dy[first + j] * gamma[j] - x[first + j] * inverse * mean) * inverse;
}

__global__ void __launch_bounds__(kThreads)
    rms_norm_dgamma(const float* __restrict__ x, const float* __restrict__ dy, const float* __restrict__ rstd,
                    float* __restrict__ dgamma, int rows, int n) {
  const int column = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (column >= n)
    return;
  float sum = 0.0f;
  for (int row = 0; row < rows; ++row) {
    const std::int64_t at = static_cast<std::int64_t>(row) * n + column;
    sum += dy[at] * (x[at] * rstd[row]);
  }
  dgamma[column] = sum;
}
