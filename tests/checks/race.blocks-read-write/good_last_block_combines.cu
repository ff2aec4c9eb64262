// kverify: expect=certified kernel=sum_rows block=64 grid=4
// CUDA's threadFenceReduction: every block publishes its part behind a fence, the last one to take a ticket adds up.
__device__ unsigned int taken = 0;

__global__ void sum_rows(const float* __restrict__ x, float* part, float* __restrict__ total) {
  __shared__ bool last;
  const int t = threadIdx.x;
  part[blockIdx.x * 64 + t] = x[blockIdx.x * 64 + t];
  __threadfence();
  __syncthreads();
  if (t == 0)
    last = atomicAdd(&taken, 1u) == gridDim.x - 1;
  __syncthreads();
  if (last && t == 0) {
    float sum = 0.0f;
    for (int i = 0; i < 4 * 64; ++i)
      sum += part[i];
    total[0] = sum;
  }
}
