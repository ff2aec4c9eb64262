// kverify: expect=certified kernel=partial_sums contract
// Two launches: partial sums of 64 elements each, then their total.
__global__ void partial_sums(const float* __restrict__ x, float* __restrict__ partial, int n) {
  const int first = (blockIdx.x * 32 + threadIdx.x) * 64;
  if (first >= n) return;
  float sum = 0.0f;
  for (int j = first; j < first + 64 && j < n; ++j) sum += x[j];
  partial[first / 64] = sum;
}

__global__ void total(const float* __restrict__ partial, float* __restrict__ y, int count) {
  float sum = 0.0f;
  for (int i = 0; i < count; ++i) {
    const float value = partial[i];
    sum += value;
  }
  y[0] = sum;
}
