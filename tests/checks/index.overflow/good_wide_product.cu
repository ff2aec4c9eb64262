// kverify: expect=certified contract stages=fuzz,formal
// One factor is widened before the product, which is past 2^31 at the largest sizes.
__global__ void lastOfRow(const float* __restrict__ x, float* __restrict__ y, int rows, int stride) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  const long long offset = static_cast<long long>(row) * stride;
  y[row] = x[offset / stride];
}
