// kverify: expect=refuted kernel=softmax_rows contract
// A clamp against overflow also hides NaN: the row that has one looks healthy. Right on every finite input.
__device__ float clamped(float x) { return fminf(fmaxf(x, -1e30f), 1e30f); }

__global__ void softmax_rows(const float* x, float* y, int rows, int n) {  // expect: property.nonfinite
  const int r = blockIdx.x * blockDim.x + threadIdx.x;
  if (r >= rows) return;
  const float* row = x + static_cast<size_t>(r) * n;
  float row_max = -INFINITY;
  for (int j = 0; j < n; ++j) row_max = fmaxf(row_max, clamped(row[j]));
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += expf(clamped(row[j]) - row_max);
  for (int j = 0; j < n; ++j) y[static_cast<size_t>(r) * n + j] = expf(clamped(row[j]) - row_max) / sum;
}
