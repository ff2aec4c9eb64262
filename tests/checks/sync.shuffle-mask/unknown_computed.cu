// kverify: expect=inconclusive stages=static
__global__ void first(const float* x, float* y, unsigned mask) {
  y[threadIdx.x] = __shfl_sync(mask, x[threadIdx.x], 0);
}
