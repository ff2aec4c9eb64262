// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = 1.0f / (1.0f + expf(-x[threadIdx.x])) + __fdiv_rn(x[0], 3.0f);
}
