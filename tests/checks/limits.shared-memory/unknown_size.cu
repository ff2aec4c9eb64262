// kverify: expect=inconclusive stages=static
__global__ void tile(float* y) {
  extern __shared__ float s[];
  s[threadIdx.x] = y[threadIdx.x];
}

void run(float* y, int n) {
  tile<<<1, 256, n * sizeof(float)>>>(y);
}
