// kverify: expect=certified kernel=block_total block=128 grid=2
// One total a block.
__global__ void block_total(const float* __restrict__ x, float* __restrict__ y) {
  float sum = x[blockIdx.x * 128 + threadIdx.x];
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  __shared__ float totals[4];
  if (threadIdx.x % 32 == 0) totals[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) y[blockIdx.x] = totals[0] + totals[1] + totals[2] + totals[3];
}
