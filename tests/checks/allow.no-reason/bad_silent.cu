// kverify: expect=refuted stages=static
__global__ void sum(const float* x, float* y) {
  float v = x[threadIdx.x];
  v += __shfl_down(v, 16);  // kverify-allow(sync.legacy-warp-call)  // expect: allow.no-reason
  // kverify-allow(sync.legacy-warp-call):                            // expect: allow.no-reason
  v += __shfl_down(v, 8);
  y[threadIdx.x] = v;
}
