// kverify: expect=certified kernel=warp_totals block=128 grid=1
// Merges the sums of the block's warps.
__global__ void warp_totals(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float totals[32];
  const int t = threadIdx.x;
  float sum = x[t];
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  if (t % 32 == 0) totals[t / 32] = sum;
  __syncthreads();
  if (t < 32) {
    float total = t < blockDim.x / 32 ? totals[t] : 0.0f;
    for (int offset = 16; offset > 0; offset /= 2) total += __shfl_xor_sync(0xffffffffu, total, offset);
    if (t == 0) y[0] = total;
  }
}
