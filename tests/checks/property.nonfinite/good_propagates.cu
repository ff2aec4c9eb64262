// kverify: expect=certified kernel=softmax_rows contract
// fmaxf drops a NaN from the maximum, but the exponential of the NaN itself reaches the sum, and with it the whole row.
__global__ void softmax_rows(const float* x, float* y, int rows, int n) {
  const int r = blockIdx.x * blockDim.x + threadIdx.x;
  if (r >= rows) return;
  const float* row = x + static_cast<size_t>(r) * n;
  float row_max = -INFINITY;
  for (int j = 0; j < n; ++j) row_max = fmaxf(row_max, row[j]);
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += expf(row[j] - row_max);
  for (int j = 0; j < n; ++j) y[static_cast<size_t>(r) * n + j] = expf(row[j] - row_max) / sum;
}
