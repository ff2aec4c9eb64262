// kverify: expect=refuted kernel=pipeline block=128 grid=1
// The producers wait at barrier 1 and the consumers at barrier 2, each for all 128 threads.
__global__ void pipeline(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[64];
  const int t = threadIdx.x;
  if (t < 64) {
    tile[t] = x[t];
    asm volatile("bar.sync 1, 128;" ::: "memory");  // expect: barrier.deadlock
  } else {
    asm volatile("bar.sync 2, 128;" ::: "memory");  // expect: barrier.deadlock
    y[t - 64] = tile[127 - t];
  }
}
