// kverify: expect=certified kernel=warp_sums block=128 grid=1
// Every lane takes part in the shuffles; lanes past the end of the row bring 0.
__global__ void warp_sums(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float sum = i < n ? x[i] : 0.0f;
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  if (threadIdx.x % 32 == 0) y[i / 32] = sum;
}
