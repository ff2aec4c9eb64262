// kverify: expect=inconclusive stages=static
__global__ void tile(float* y) {
  extern __shared__ float s[];
  __shared__ float t[64][128];
  s[threadIdx.x] = t[0][threadIdx.x] = y[threadIdx.x];
}

void run(float* y) {
  cudaFuncSetAttribute(tile, cudaFuncAttributeMaxDynamicSharedMemorySize, 96 * 1024);
  tile<<<1, 128, 96 * 1024>>>(y);
}
