// kverify: expect=certified kernel=negate contract
// y = -x, four elements a thread, and the tail one by one.
__global__ void negate(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int first = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  for (int i = first; i < first + 4 && i < n; ++i) y[i] = -x[i];
}
