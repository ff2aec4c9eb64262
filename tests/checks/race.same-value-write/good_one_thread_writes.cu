// kverify: expect=certified kernel=reset block=128 grid=4 stages=fuzz,formal
// One thread of the grid writes what the others would write as well.
__global__ void reset(int* __restrict__ flags) {
  if (blockIdx.x == 0 && threadIdx.x == 0) flags[0] = 1;
}
