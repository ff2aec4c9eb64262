// kverify: expect=refuted stages=static
__global__ void tile(float* y) {
  extern __shared__ float s[];
  s[threadIdx.x] = y[threadIdx.x];
}

void run(float* y) {
  const int bytes = 200 * 1024;
  cudaFuncSetAttribute(tile, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  tile<<<1, 256, bytes>>>(y);  // expect: limits.shared-memory
}
