// kverify: expect=inconclusive stages=static
__global__ void sum(const float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    float v = x[i];
    for (int step = 16; step > 0; step /= 2)
      v += __shfl_down_sync(0xffffffffu, v, step);  // expect: sync.divergent-warp-operation
    if (threadIdx.x % 32 == 0) y[i / 32] = v;
  }
}
