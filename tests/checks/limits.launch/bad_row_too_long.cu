// kverify: expect=refuted kernel=reverse_row contract
// A row in dynamic shared memory; the longest needs 256 KiB, more than any block may have.
__global__ void reverse_row(const float* __restrict__ x, float* __restrict__ y, int n) {  // expect: limits.launch
  extern __shared__ float row[];
  for (int i = threadIdx.x; i < n; i += blockDim.x) row[i] = x[i];
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = row[n - 1 - i];
}
