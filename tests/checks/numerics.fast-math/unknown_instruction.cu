// kverify: expect=inconclusive stages=static
// An approximation that the table does not have.
__global__ void power(const float* x, float* y) {
  float r;
  asm("sinpi.approx.f32 %0, %1;" : "=f"(r) : "f"(x[threadIdx.x]));
  y[threadIdx.x] = r;
}
