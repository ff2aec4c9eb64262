// kverify: expect=refuted kernel=block_total block=128 grid=2
// Each warp's first lane stores its own sum as the block's.
__global__ void block_total(const float* __restrict__ x, float* __restrict__ y) {
  float sum = x[blockIdx.x * 128 + threadIdx.x];
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  if (threadIdx.x % 32 == 0) y[blockIdx.x] = sum;  // expect: race.global-write-write
}
