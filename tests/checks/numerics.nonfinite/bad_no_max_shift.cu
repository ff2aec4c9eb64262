// kverify: expect=refuted kernel=softmax_rows contract
// Softmax without subtracting the maximum: exp overflows from 89 on, and Inf / Inf is NaN; far below 0 all is lost
// to underflow.
__global__ void softmax_rows(const float* x, float* y, int n) {  // expect: numerics.nonfinite, numerics.bound
  const float* row = x + blockIdx.x * n;
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += expf(row[j]);
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = expf(row[j]) / sum;
}
