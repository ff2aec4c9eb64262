// kverify: expect=certified kernel=halves block=128 grid=1
// Each half of the block reverses its own part, at a named barrier of its own 64 threads.
__global__ void halves(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[128];
  const int t = threadIdx.x;
  tile[t] = x[t];
  if (t < 64) {
    asm volatile("bar.sync 1, 64;" ::: "memory");
    y[t] = tile[63 - t];
  } else {
    asm volatile("bar.sync 2, 64;" ::: "memory");
    y[t] = tile[191 - t];
  }
}
