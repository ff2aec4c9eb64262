// kverify: expect=refuted kernel=norm_rows contract
// The variance as E[x^2] - E[x]^2 cancels where the mean is large, at times to something negative, whose square root is
// NaN; the contract declares two passes.
__global__ void norm_rows(const float* x, float* y, int n, float eps) {  // expect: numerics.bound, numerics.nonfinite
  const float* row = x + blockIdx.x * n;
  float sum = 0.0f;
  float squares = 0.0f;
  for (int j = 0; j < n; ++j) {
    sum += row[j];
    squares += row[j] * row[j];
  }
  const float mean = sum / n;
  const float inverse = rsqrtf(squares / n - mean * mean + eps);
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = (row[j] - mean) * inverse;
}
