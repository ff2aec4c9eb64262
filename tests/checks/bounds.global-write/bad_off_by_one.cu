// kverify: expect=refuted kernel=prefix contract
// Sums of the first i elements for i = 0 .. n: that is n + 1 results in a buffer of n.
__global__ void prefix(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int row = blockIdx.x;
  float sum = 0.0f;
  y[row * n] = sum;
  for (int j = 0; j < n; ++j) {
    sum += x[row * n + j];
    if (row == gridDim.x - 1) y[row * n + j + 1] = sum;  // expect: bounds.global-write
    else if (j + 1 < n) y[row * n + j + 1] = sum;
  }
}
