// kverify: expect=inconclusive stages=static
__global__ void sum(const float* x, float* y) {
  float v = x[threadIdx.x];
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  if (__any_sync(0xffffffffu, v > 100.0f))
    v = 100.0f;
  if (threadIdx.x == 0)
    y[0] = v;
}
