// kverify: expect=inconclusive stages=static
// 0.5 is a double: each step converts up and rounds back.
__global__ void mean(const float* x, float* y, int n) {
  float sum = 0;
  for (int k = 0; k < n; ++k)
    sum += x[k] * 0.5;                                  // expect: numerics.accumulator-narrowed
  y[0] = sum;
}
