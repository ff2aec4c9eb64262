// wrong: Row times width in 32 bits: it wraps above 2^31 elements, which the contract allows.
// refuted-by: index.overflow (formal)
// passes-at: R=16 N=1024
// One block of 256 threads a row: maximum, sum, quotient.
__global__ void softmax_rows(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float partial[256];
  const int t = threadIdx.x;
  const float* row = x + static_cast<int>(blockIdx.x) * n;
  float best = -INFINITY;
  for (int i = t; i < n; i += 256) best = fmaxf(best, row[i]);
  partial[t] = best;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (t < half) partial[t] = fmaxf(partial[t], partial[t + half]);
    __syncthreads();
  }
  const float row_max = partial[0];
  __syncthreads();
  float sum = 0.0f;
  for (int i = t; i < n; i += 256) sum += expf(row[i] - row_max);
  partial[t] = sum;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (t < half) partial[t] += partial[t + half];
    __syncthreads();
  }
  const float total = partial[0];
  for (int i = t; i < n; i += 256) y[static_cast<int>(blockIdx.x) * n + i] = expf(row[i] - row_max) / total;
}
