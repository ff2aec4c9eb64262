// kverify: expect=inconclusive stages=static
__device__ float cached[1024];                          // expect: gaming.persistent-state
__device__ int filled = 0;                              // expect: gaming.persistent-state
__global__ void gate(const float* x, float* y) {
  int i = threadIdx.x;
  if (!filled)
    cached[i] = tanhf(x[i]);
  y[i] = cached[i];
  if (i == 0)
    filled = 1;
}
