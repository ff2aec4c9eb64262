// kverify: expect=certified kernel=row_max block=128 grid=2
// The maximum of 128 elements by a tree in shared memory.
__global__ void row_max(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float scratch[128];
  const int t = threadIdx.x;
  scratch[t] = x[blockIdx.x * 128 + t];
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (t < half) {
      const float other = scratch[t + half];
      scratch[t] = fmaxf(scratch[t], other);
    }
    __syncthreads();
  }
  if (t == 0) y[blockIdx.x] = scratch[0];
}
