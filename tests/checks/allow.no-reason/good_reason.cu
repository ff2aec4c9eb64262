// kverify: expect=inconclusive stages=static
__global__ void sum(const float* x, float* y) {
  float v = x[threadIdx.x];
  v += __shfl_down(v, 16);  // kverify-allow(sync.legacy-warp-call): only ever built for sm_60
  // kverify-allow(sync.legacy-warp-call): only ever built for sm_60
  v += __shfl_down(v, 8);
  y[threadIdx.x] = v;
}
