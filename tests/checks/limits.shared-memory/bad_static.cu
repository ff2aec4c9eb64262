// kverify: expect=refuted stages=static
__global__ void tile(float* y) {  // expect: limits.shared-memory
  __shared__ float s[128][128];
  s[threadIdx.y][threadIdx.x] = y[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x][threadIdx.y];
}
