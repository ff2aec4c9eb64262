// kverify: expect=inconclusive stages=static
// The exponential is kept in a variable and in an array before it is summed.
__global__ void row_softmax(const float* x, float* y, int n, float scale) {
  float sum = 0;
  for (int j = 0; j < n; ++j) {
    float score = x[j] * scale;
    float e = __expf(score);                            // expect: numerics.exp-unshifted
    y[j] = e;
    sum += e;
  }
  for (int j = 0; j < n; ++j)
    y[j] /= sum;
}
