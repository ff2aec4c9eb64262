// kverify: expect=certified kernel=row_sums contract
// The sum of every row of a matrix whose rows are `stride` apart: the elements from n on are padding.
__global__ void row_sums(const float* __restrict__ x, float* __restrict__ y, int n, int stride) {
  const float* row = x + blockIdx.x * stride;
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) {
    const float value = row[j];
    sum += value;
  }
  y[blockIdx.x] = sum;
}
