// kverify: expect=inconclusive stages=static
__global__ void mean(const float* x, float* y, double* z, int n) {
  float sum = 0;
  double precise = 0;
  for (int k = 0; k < n; ++k) {
    sum += x[k] * 0.5f;
    precise += x[k];
  }
  y[0] = sum;
  z[0] = precise;
}
