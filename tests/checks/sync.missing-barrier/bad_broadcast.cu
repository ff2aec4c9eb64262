// kverify: expect=inconclusive stages=static
__global__ void scale(const float* x, float* y) {
  __shared__ float factor;
  if (threadIdx.x == 0)
    factor = 1.0f / x[0];
  y[threadIdx.x] = x[threadIdx.x] * factor;  // expect: sync.missing-barrier
}
