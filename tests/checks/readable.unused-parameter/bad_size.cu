// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y, int n) {        // expect: readable.unused-parameter
  y[threadIdx.x] = x[threadIdx.x];
}
