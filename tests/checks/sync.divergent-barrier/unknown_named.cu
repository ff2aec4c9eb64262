// kverify: expect=inconclusive stages=static
// A named barrier of half the block: who comes is not followed.
__global__ void halves(const float* x, float* y) {
  __shared__ float s[128];
  s[threadIdx.x] = x[threadIdx.x];
  if (threadIdx.x < 64) {
    asm volatile("bar.sync 1, 64;" ::: "memory");
    y[threadIdx.x] = s[63 - threadIdx.x];
  }
}
