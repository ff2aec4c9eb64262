// kverify: expect=refuted kernel=copy_row contract
// The launch gives one byte an element where the kernel wants four; every write is guarded, the read is not.
__global__ void copy_row(const float* __restrict__ x, float* __restrict__ y, int n) {
  extern __shared__ float row[];
  const int t = threadIdx.x;
  if (t < n / 4) row[t] = x[t];
  __syncthreads();
  if (t < n) y[t] = row[t];  // expect: bounds.shared-read
}
