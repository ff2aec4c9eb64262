// kverify: expect=refuted stages=static
__global__ void sum(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];  // kverify-allow(sync.legacy-warp-cal): no such thing  // expect: allow.unknown-check
}
