// kverify: expect=certified kernel=shift contract
// Tiles of 8 x 16, the last ones cut off.
__global__ void shift(const float* __restrict__ x, float* __restrict__ y, int rows, int cols) {
  const int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.y + threadIdx.y;
  if (r < rows && c < cols) y[r * cols + c] = x[r * cols + c] + 1.0f;
}
