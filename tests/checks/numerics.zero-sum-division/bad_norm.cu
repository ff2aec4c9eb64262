// kverify: expect=inconclusive stages=static
// A row of zeros: 0 / 0.
__global__ void normalise(const float* x, float* y, int n) {
  float norm = 0;
  for (int j = 0; j < n; ++j)
    norm += x[j] * x[j];
  norm = sqrtf(norm);
  for (int j = 0; j < n; ++j)
    y[j] = x[j] / norm;                                 // expect: numerics.zero-sum-division
}
