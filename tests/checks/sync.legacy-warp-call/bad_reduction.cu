// kverify: expect=refuted stages=static
// A reduction of a warp as it was written for Pascal.
__global__ void sum(const float* x, float* y) {
  float v = x[threadIdx.x];
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down(v, step);  // expect: sync.legacy-warp-call
  if (__any(v > 100.0f))        // expect: sync.legacy-warp-call
    v = 100.0f;
  if (threadIdx.x == 0)
    y[0] = v;
}
