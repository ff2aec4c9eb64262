// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];  /* kverify-allow(sync.legacy-warp-call) */
}
