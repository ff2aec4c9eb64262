// kverify: expect=refuted kernel=copy_rows contract
// Copies a matrix into one whose rows are `stride` apart, a whole number of warps at a time: the padding of the output
// is not this kernel's to write.
__global__ void copy_rows(const float* __restrict__ x, float* __restrict__ y, int n, int stride) {
  const int row = blockIdx.x;
  for (int j = threadIdx.x; j < (n + 31) / 32 * 32; j += 32) {
    const float value = j < n ? x[row * n + j] : 0.0f;
    y[row * stride + j] = value;  // expect: bounds.logical-write
  }
}
