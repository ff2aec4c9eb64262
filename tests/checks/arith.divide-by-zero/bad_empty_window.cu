// kverify: expect=refuted kernel=ring contract
// A ring buffer of a size that may be 0.
__global__ void ring(const float* __restrict__ x, float* __restrict__ y, int n, int window) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int slot = i % window;  // expect: arith.divide-by-zero
  y[i] = x[slot];
}
