// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y, int n) {
  float twice = x[0] * 2;                                      // expect: readable.dead-code
  float sum = 0;                                               // expect: readable.dead-code
  for (int i = 0; i < n; ++i) {
    sum += x[i];
    y[i] = x[i];
  }
  return;
  y[0] = 1;                                                    // expect: readable.dead-code
}
