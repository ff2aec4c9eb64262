// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];
  const_cast<float*>(x)[threadIdx.x] = 0;                      // expect: gaming.const-cast
}
__global__ void later(const float* x, float* y) {
  float* scratch = (float*)x;                                  // expect: gaming.const-cast
  scratch[threadIdx.x] *= 2;
  y[threadIdx.x] = scratch[threadIdx.x];
}
