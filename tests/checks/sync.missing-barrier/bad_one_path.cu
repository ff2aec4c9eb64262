// kverify: expect=inconclusive stages=static
// The barrier is passed on one path only.
__global__ void shift(const float* x, float* y, int n, bool fast) {
  __shared__ float s[128];
  s[threadIdx.x] = x[threadIdx.x];
  if (!fast)
    __syncthreads();
  y[threadIdx.x] = s[(threadIdx.x + 1) % 128];  // expect: sync.missing-barrier
}
