// kverify: expect=refuted kernel=half_warp block=32 grid=1
// The mask names the lower half of the warp, and all of it calls.
__global__ void half_warp(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  const float first = __shfl_sync(0x0000ffffu, x[t], 0);  // expect: warp.divergent
  y[t] = x[t] - first;
}
