// kverify: expect=inconclusive stages=static
__global__ void sum(const float* x, float* y) {
  float v = x[threadIdx.x];
  v += __shfl_down(v, 16);  // kverify-allow(KV3003): a code is as good as an id
  y[threadIdx.x] = v;
}
