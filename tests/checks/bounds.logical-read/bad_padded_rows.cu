// kverify: expect=refuted kernel=row_sums contract
// The sum of every row of a matrix whose rows are `stride` apart: one element of the padding is added, too.
__global__ void row_sums(const float* __restrict__ x, float* __restrict__ y, int n, int stride) {
  const float* row = x + blockIdx.x * stride;
  float sum = 0.0f;
  for (int j = 0; j <= n; ++j) {
    const float value = row[j];  // expect: bounds.logical-read
    sum += value;
  }
  y[blockIdx.x] = sum;
}
