// kverify: expect=refuted kernel=halves block=128 grid=1
// A barrier of 64 threads that only one warp reaches.
__global__ void halves(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float s[32];
  const int t = threadIdx.x;
  if (t < 32) {
    s[t] = x[t];
    asm volatile("bar.sync 1, 64;" ::: "memory");  // expect: barrier.deadlock
    y[t] = s[31 - t];
  }
}
