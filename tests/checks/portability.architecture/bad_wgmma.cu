// kverify: expect=inconclusive stages=static
__global__ void fences(float* y) {
  asm volatile("wgmma.fence.sync.aligned;");                   // expect: portability.architecture
  unsigned leader;
  asm volatile("{ .reg .pred p; elect.sync _|p, 0xffffffff; selp.u32 %0, 1, 0, p; }" : "=r"(leader));  // expect: portability.architecture
  y[threadIdx.x] = leader;
}
