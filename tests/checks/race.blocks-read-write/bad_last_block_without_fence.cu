// kverify: expect=refuted kernel=sum_rows block=64 grid=4
// The ticket is taken without a fence: the last block may count the parts before they have arrived.
__device__ unsigned int taken = 0;

__global__ void sum_rows(const float* __restrict__ x, float* part, float* __restrict__ total) {
  __shared__ bool last;
  const int t = threadIdx.x;
  part[blockIdx.x * 64 + t] = x[blockIdx.x * 64 + t];  // expect: race.blocks-read-write
  __syncthreads();
  if (t == 0)
    last = atomicAdd(&taken, 1u) == gridDim.x - 1;
  __syncthreads();
  if (last && t == 0) {
    float sum = 0.0f;
    for (int i = 0; i < 4 * 64; ++i)
      sum += part[i];  // expect: race.blocks-read-write
    total[0] = sum;
  }
}
