// kverify: expect=refuted kernel=negate contract
// The launch rounds the number of blocks down.
__global__ void negate(const float* __restrict__ x, float* __restrict__ y, int n) {  // expect: output.unwritten
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = -x[i];
}
