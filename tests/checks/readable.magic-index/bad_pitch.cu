// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y) {
  __shared__ float s[8 * 136];
  s[threadIdx.y * 136 + threadIdx.x] = x[threadIdx.x];         // expect: readable.magic-index
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.y * 136 + threadIdx.x] + s[(threadIdx.y + 1) % 8 * 136];
}
