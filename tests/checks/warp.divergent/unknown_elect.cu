// kverify: expect=inconclusive kernel=elected target=sm_90 block=128 grid=1
// One lane of the warp is elected by the hardware (needs sm_90): which one is not modelled.
__global__ void elected(const float* __restrict__ x, float* __restrict__ y) {
  unsigned chosen;
  asm volatile("{ .reg .pred p; elect.sync _|p, 0xffffffff; selp.u32 %0, 1, 0, p; }" : "=r"(chosen));
  if (chosen) y[threadIdx.x / 32] = x[threadIdx.x];
}
