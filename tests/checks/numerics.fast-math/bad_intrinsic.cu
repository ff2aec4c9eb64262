// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  float e = __expf(-x[threadIdx.x]);                    // expect: numerics.fast-math
  y[threadIdx.x] = __fdividef(1.0f, 1.0f + e);          // expect: numerics.fast-math
}
