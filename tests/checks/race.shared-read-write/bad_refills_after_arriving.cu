// kverify: expect=refuted kernel=pipeline block=64 grid=1
// A producer warp hands a tile over with bar.arrive and refills it at once, while the consumer still reads.
__global__ void pipeline(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[32];
  const int t = threadIdx.x;
  if (t < 32) {
    tile[t] = x[t];
    asm volatile("bar.arrive 1, 64;" ::: "memory");
    tile[t] = x[t + 32];  // expect: race.shared-read-write
    asm volatile("bar.arrive 2, 64;" ::: "memory");
  } else {
    asm volatile("bar.sync 1, 64;" ::: "memory");
    const float first = tile[63 - t];  // expect: race.shared-read-write
    asm volatile("bar.sync 2, 64;" ::: "memory");
    y[t - 32] = first + tile[63 - t];
  }
}
