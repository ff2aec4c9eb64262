// kverify: expect=certified kernel=reverse_row contract
// A row in dynamic shared memory.
__global__ void reverse_row(const float* __restrict__ x, float* __restrict__ y, int n) {
  extern __shared__ float row[];
  for (int i = threadIdx.x; i < n; i += blockDim.x) row[i] = x[i];
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = row[n - 1 - i];
}
