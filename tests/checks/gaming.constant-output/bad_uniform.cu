// kverify: expect=inconclusive stages=static
__global__ void softmax(const float* x, float* y, int n) {     // expect: gaming.constant-output
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = 1.0f / n;
}
