// kverify: expect=refuted contract stages=fuzz,formal
// The product is an int: from row 42950 on it wraps. Tests see the access before the array that comes of it.
__global__ void lastOfRow(const float* __restrict__ x, float* __restrict__ y, int rows, int stride) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  const int offset = row * stride;  // expect: index.overflow
  y[row] = x[offset / stride];      // expect: bounds.global-read
}
