// kverify: expect=inconclusive stages=static
__global__ void first(const float* x, float* y) {
  float v = x[threadIdx.x];
  v += __shfl_down_sync(0xffff, v, 8);  // expect: sync.shuffle-mask
  y[threadIdx.x] = v;
}
