// kverify: expect=inconclusive stages=static
// The first warp alone, rows of warps, and a neutral value in place of a guard.
__global__ void sum(const float* x, float* y, int n) {
  __shared__ float part[32];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int row = blockIdx.x * (blockDim.x / 32) + warp;
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float v = i < n ? x[i] : 0.0f;
  for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffffu, v, step);
  if (lane == 0) part[warp] = v;
  __syncthreads();
  if (threadIdx.x < 32) {
    v = lane < blockDim.x / 32 ? part[lane] : 0.0f;
    for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffffu, v, step);
  }
  if (row < n) {
    const float first = __shfl_sync(0xffffffffu, v, 0);
    y[row] = first;
  }
}
