// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y, int n, int /*unused on purpose*/) {
  if (threadIdx.x < n)
    y[threadIdx.x] = x[threadIdx.x];
}
