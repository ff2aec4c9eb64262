// kverify: expect=certified kernel=scale_rows contract
// A block a row, a strided loop along it.
__global__ void scale_rows(const float* __restrict__ x, float* __restrict__ y, int cols) {
  const int base = blockIdx.x * cols;
  for (int c = threadIdx.x; c < cols; c += blockDim.x) y[base + c] = 2.0f * x[base + c];
}
