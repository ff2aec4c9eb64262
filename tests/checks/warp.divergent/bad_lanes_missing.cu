// kverify: expect=refuted kernel=warp_sums block=128 grid=1
// The lanes past the end of the row (n = 64, of which the last 14 are left out) are missing from the shuffle.
__global__ void warp_sums(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n - 14) {
    float sum = x[i];
    for (int offset = 16; offset > 0; offset /= 2) {
      sum += __shfl_xor_sync(0xffffffffu, sum, offset);  // expect: warp.divergent
    }
    if (threadIdx.x % 32 == 0) y[i / 32] = sum;
  }
}
