// kverify: expect=certified kernel=softmax_rows contract
// Softmax of every row, one thread a row.
__global__ void softmax_rows(const float* __restrict__ x, float* __restrict__ y, int n) {
  const float* row = x + blockIdx.x * n;
  float row_max = -INFINITY;
  for (int j = 0; j < n; ++j) row_max = fmaxf(row_max, row[j]);
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += expf(row[j] - row_max);
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = expf(row[j] - row_max) / sum;
}
