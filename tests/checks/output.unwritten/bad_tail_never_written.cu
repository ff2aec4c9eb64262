// kverify: expect=refuted kernel=negate contract
// y = -x, four elements a thread; the last n % 4 are nobody's.
__global__ void negate(const float* __restrict__ x, float* __restrict__ y, int n) {  // expect: output.unwritten
  const int first = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (first + 3 >= n) return;
  for (int i = first; i < first + 4; ++i) y[i] = -x[i];
}
