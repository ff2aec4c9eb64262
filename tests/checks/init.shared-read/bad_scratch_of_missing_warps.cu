// kverify: expect=refuted kernel=warp_totals block=128 grid=1
// Merges the sums of 32 warps; the block has only four.
__global__ void warp_totals(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float totals[32];
  const int t = threadIdx.x;
  float sum = x[t];
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  if (t % 32 == 0) totals[t / 32] = sum;
  __syncthreads();
  if (t < 32) {
    float total = totals[t];  // expect: init.shared-read
    for (int offset = 16; offset > 0; offset /= 2) total += __shfl_xor_sync(0xffffffffu, total, offset);
    if (t == 0) y[0] = total;
  }
}
