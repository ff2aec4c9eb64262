// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    if (x[i] > 0)
      y[i] = tanhf(x[i]);
}
