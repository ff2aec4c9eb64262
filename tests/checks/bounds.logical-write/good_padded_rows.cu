// kverify: expect=certified kernel=copy_rows contract
// Copies a matrix into one whose rows are `stride` apart.
__global__ void copy_rows(const float* __restrict__ x, float* __restrict__ y, int n, int stride) {
  const int row = blockIdx.x;
  for (int j = threadIdx.x; j < n; j += 32) {
    const float value = x[row * n + j];
    y[row * stride + j] = value;
  }
}
