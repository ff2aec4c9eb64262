// kverify: expect=inconclusive stages=static
__global__ void scale(const float* x, float* y, int n, float factor) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = factor * x[i];  // expect: bounds.unguarded-index
}
