// kverify: expect=inconclusive stages=static
__global__ void power(const float* x, float* y) {
  float r;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x[threadIdx.x]));  // expect: numerics.fast-math
  y[threadIdx.x] = r;
}
