// kverify: expect=refuted kernel=shift contract
// The grid is rounded up by one too little: with 9 rows the last is nobody's.
__global__ void shift(const float* __restrict__ x, float* __restrict__ y, int rows, int cols) {  // expect: output.unwritten
  const int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.y + threadIdx.y;
  if (r < rows && c < cols) y[r * cols + c] = x[r * cols + c] + 1.0f;
}
