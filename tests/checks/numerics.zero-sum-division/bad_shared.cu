// kverify: expect=inconclusive stages=static
// Through shared memory.
__global__ void normalise(const float* x, float* y, int n) {
  __shared__ float part[256];
  float own = 0;
  for (int j = threadIdx.x; j < n; j += 256)
    own += fabsf(x[j]);
  part[threadIdx.x] = own;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (threadIdx.x < half)
      part[threadIdx.x] += part[threadIdx.x + half];
    __syncthreads();
  }
  float total = part[0];
  for (int j = threadIdx.x; j < n; j += 256)
    y[j] = x[j] / total;                                // expect: numerics.zero-sum-division
}
