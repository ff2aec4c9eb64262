// kverify: expect=refuted kernel=split_sum block=32 grid=4
// Block 0 adds up the other blocks' partial sums in the launch that makes them: nothing says that they are there.
__global__ void split_sum(const float* __restrict__ x, float* partial, float* __restrict__ y) {
  float sum = x[blockIdx.x * 32 + threadIdx.x];
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;  // expect: race.blocks-read-write
  __syncthreads();
  if (blockIdx.x != 0 || threadIdx.x != 0) return;
  float total = 0.0f;
  for (int b = 0; b < gridDim.x; ++b) {
    const float value = partial[b];  // expect: race.blocks-read-write
    total += value;
  }
  y[0] = total;
}
