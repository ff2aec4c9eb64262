// kverify: expect=inconclusive stages=static
// The fraction is dropped at every step.
__global__ void total(const float* x, int* y, int n) {
  int sum = 0;
  for (int k = 0; k < n; ++k)
    sum += x[k];                                        // expect: numerics.accumulator-narrowed
  y[0] = sum;
}
