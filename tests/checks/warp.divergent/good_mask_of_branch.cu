// kverify: expect=certified kernel=neighbours block=32 grid=1
// A shuffle inside a branch whose mask names the lanes that are there.
__global__ void neighbours(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  if (t < 20) {
    const float next = __shfl_down_sync(0x000fffffu, x[t], 1);
    y[t] = t < 19 ? next : 0.0f;
  }
}
