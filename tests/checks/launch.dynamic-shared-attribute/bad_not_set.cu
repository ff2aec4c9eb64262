// kverify: expect=inconclusive stages=static
__global__ void tile(float* y) {
  extern __shared__ float s[];
  s[threadIdx.x] = y[threadIdx.x];
}

void run(float* y) {
  tile<<<1, 256, 64 * 1024>>>(y);  // expect: launch.dynamic-shared-attribute
}
