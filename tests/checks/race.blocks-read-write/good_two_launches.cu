// kverify: expect=certified kernel=partial_sums contract
// A launch for the partial sums, and one for their total.
__global__ void partial_sums(const float* __restrict__ x, float* __restrict__ partial, int n) {
  const int i = blockIdx.x * 32 + threadIdx.x;
  float sum = i < n ? x[i] : 0.0f;
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

__global__ void total(const float* __restrict__ partial, float* __restrict__ y, int count) {
  float sum = 0.0f;
  for (int b = 0; b < count; ++b) sum += partial[b];
  y[0] = sum;
}
