// kverify: expect=inconclusive stages=static
__global__ void tile(float* y) {
  extern __shared__ float s[];
  s[threadIdx.x] = y[threadIdx.x];
}

void run(float* y) {
  tile<<<1, 256, 48 * 1024>>>(y);
  cudaFuncSetAttribute(tile, cudaFuncAttributeMaxDynamicSharedMemorySize, 64 * 1024);
  tile<<<1, 256, 64 * 1024>>>(y);
}
