// kverify: expect=refuted kernel=store_tile contract
// A tile of 16 x 16 results is stored whole, also at the lower edge of the matrix.
__global__ void store_tile(const float* __restrict__ x, float* __restrict__ y, int rows, int cols) {
  const int row = blockIdx.y * 16 + threadIdx.y;
  const int col = blockIdx.x * 16 + threadIdx.x;
  if (col >= cols) return;
  const float value = x[col];
  y[row * cols + col] = value;  // expect: bounds.global-write
}
