// kverify: expect=inconclusive stages=static
// Scores of 89 are enough for inf.
__global__ void row_softmax(const float* x, float* y, int n) {
  float sum = 0;
  for (int j = 0; j < n; ++j)
    sum += expf(x[j]);                                  // expect: numerics.exp-unshifted
  for (int j = 0; j < n; ++j)
    y[j] = expf(x[j]) / sum;
}
