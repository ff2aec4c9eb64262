// kverify: expect=inconclusive stages=static
// All lanes; and a part of them, under a condition that lets no others in.
__global__ void first(const float* x, float* y) {
  float v = x[threadIdx.x];
  v += __shfl_down_sync(0xffffffffu, v, 8, 16);
  if (threadIdx.x % 32 < 16) v += __shfl_xor_sync(0xffffu, v, 1);
  y[threadIdx.x] = v;
}
