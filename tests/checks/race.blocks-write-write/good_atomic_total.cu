// kverify: expect=certified kernel=grid_total block=32 grid=4
// The total over all blocks.
__global__ void grid_total(const float* __restrict__ x, float* y) {
  const float value = x[blockIdx.x * 32 + threadIdx.x];
  atomicAdd(y, value);
}
