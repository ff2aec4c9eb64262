// wrong: No epsilon: a constant row divides 0 by 0.
// refuted-by: numerics.nonfinite (fuzz)
// passes-at: R=16 N=1024
__device__ float block_sum(float value, float* partial) {
  const int t = threadIdx.x;
  partial[t] = value;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (t < half) partial[t] += partial[t + half];
    __syncthreads();
  }
  const float total = partial[0];
  __syncthreads();
  return total;
}

// One block of 256 threads a row: mean, variance, then the affine output.
__global__ void layer_norm(const float* __restrict__ x, const float* __restrict__ gamma,
                           const float* __restrict__ beta, float* __restrict__ y, int n, float eps) {
  __shared__ float partial[256];
  const size_t base = static_cast<size_t>(blockIdx.x) * n;
  float sum = 0.0f;
  for (int i = threadIdx.x; i < n; i += 256) sum += x[base + i];
  const float mean = block_sum(sum, partial) / n;
  float squares = 0.0f;
  for (int i = threadIdx.x; i < n; i += 256) {
    const float d = x[base + i] - mean;
    squares += d * d;
  }
  const float variance = block_sum(squares, partial) / n;
  const float inverse = rsqrtf(variance);
  for (int i = threadIdx.x; i < n; i += 256) y[base + i] = (x[base + i] - mean) * inverse * gamma[i] + beta[i];
}
