// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y) {
  float v;
  asm volatile("ld.global.L1::no_allocate.f32 %0, [%1];" : "=f"(v) : "l"(x + threadIdx.x));
  y[threadIdx.x] = v;
}
