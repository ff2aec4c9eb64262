// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y) {
  constexpr int kPitch = 136;
  __shared__ float s[8 * kPitch];
  s[threadIdx.y * kPitch + threadIdx.x] = x[threadIdx.y * 128 + threadIdx.x];
  __syncthreads();
  y[threadIdx.y * 128 + threadIdx.x] = s[threadIdx.y * kPitch + threadIdx.x + 4];
}
