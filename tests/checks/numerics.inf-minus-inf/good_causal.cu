// kverify: expect=inconclusive stages=static
// A mask that only cuts off the end leaves the first key; a function that merges with a test is safe.
__device__ void merge(float& most, float& sum, float other_most, float other_sum) {
  float both = fmaxf(most, other_most);
  if (both == -INFINITY) return;
  sum = sum * expf(most - both) + other_sum * expf(other_most - both);
  most = both;
}
__global__ void causal(const float* x, float* y, int n) {
  int row = blockIdx.x;
  float most = -1e30f, sum = 0.0f;
  for (int j = 0; j < n; ++j) {
    float score = x[row * n + j];
    if (j > row) score = -INFINITY;
    float now = fmaxf(most, score);
    sum = sum * expf(most - now) + expf(score - now);
    most = now;
  }
  y[row] = most + logf(sum);
}
__global__ void lanes(const float* x, float* y, int n) {
  float most = -INFINITY, sum = 0.0f;
  for (int j = threadIdx.x; j < n; j += 32) merge(most, sum, x[j], 1.0f);
  for (int offset = 16; offset > 0; offset >>= 1)
    merge(most, sum, __shfl_xor_sync(0xffffffffu, most, offset), __shfl_xor_sync(0xffffffffu, sum, offset));
  y[threadIdx.x] = most + logf(sum);
}
