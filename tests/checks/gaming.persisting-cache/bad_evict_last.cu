// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y) {
  float v;
  asm volatile("ld.global.L2::evict_last.f32 %0, [%1];" : "=f"(v) : "l"(x + threadIdx.x));  // expect: gaming.persisting-cache
  y[threadIdx.x] = v;
}
