// kverify: expect=refuted kernel=twice block=2048 grid=1
// 2048 threads in a block; 1024 are allowed.
__global__ void twice(const float* __restrict__ x, float* __restrict__ y) {  // expect: limits.launch
  y[threadIdx.x] = 2.0f * x[threadIdx.x];
}
