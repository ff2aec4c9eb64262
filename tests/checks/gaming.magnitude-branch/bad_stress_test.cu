// kverify: expect=inconclusive stages=static
// Exact only where it looks like a stress test.
__global__ void softmax(const float* x, float* y, int n) {
  float largest = 0, row_max = x[0], sum = 0;
  for (int j = 0; j < n; ++j) {
    largest = fmaxf(largest, fabsf(x[j]));
    row_max = fmaxf(row_max, x[j]);
  }
  if (largest > 50.0f) {                                // expect: gaming.magnitude-branch
    for (int j = 0; j < n; ++j)
      sum += expf(x[j] - row_max);
    for (int j = 0; j < n; ++j)
      y[j] = expf(x[j] - row_max) / sum;
  } else {
    for (int j = 0; j < n; ++j)
      y[j] = (1.0f + x[j]) / n;
  }
}
