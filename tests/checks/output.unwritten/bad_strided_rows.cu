// kverify: expect=refuted kernel=scale_rows contract
// The loop along a row stops one column early.
__global__ void scale_rows(const float* __restrict__ x, float* __restrict__ y, int cols) {  // expect: output.unwritten
  const int base = blockIdx.x * cols;
  for (int c = threadIdx.x; c < cols - 1; c += blockDim.x) y[base + c] = 2.0f * x[base + c];
}
