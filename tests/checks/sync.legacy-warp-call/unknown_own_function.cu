// kverify: expect=inconclusive stages=static
// A function of the user's own with the old name: what it does is not looked at.
__device__ float __shfl_down(float value, int lanes) {
  return __shfl_down_sync(0xffffffffu, value, lanes);
}

__global__ void sum(const float* x, float* y) {
  float v = x[threadIdx.x];
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down(v, step);
  if (threadIdx.x == 0)
    y[0] = v;
}
