// kverify: expect=certified kernel=pipeline block=64 grid=1
// Producer and consumer warps with two named barriers: full, and empty again.
__global__ void pipeline(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[32];
  const int t = threadIdx.x;
  if (t < 32) {
    tile[t] = x[t];
    asm volatile("bar.arrive 1, 64;" ::: "memory");
    asm volatile("bar.sync 2, 64;" ::: "memory");
    tile[t] = x[t + 32];
    asm volatile("bar.arrive 3, 64;" ::: "memory");
  } else {
    asm volatile("bar.sync 1, 64;" ::: "memory");
    const float first = tile[63 - t];
    asm volatile("bar.arrive 2, 64;" ::: "memory");
    asm volatile("bar.sync 3, 64;" ::: "memory");
    y[t - 32] = first + tile[63 - t];
  }
}
