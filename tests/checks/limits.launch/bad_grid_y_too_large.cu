// kverify: expect=refuted kernel=rows block=1 grid=1,65536
// One block a row along y, where at most 65535 are allowed.
__global__ void rows(const float* __restrict__ x, float* __restrict__ y) {  // expect: limits.launch
  y[blockIdx.y] = 2.0f * x[blockIdx.y];
}
