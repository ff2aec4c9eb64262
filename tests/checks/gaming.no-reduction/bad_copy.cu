// kverify: expect=inconclusive stages=static
// On inputs of mean 0 and variance 1 a copy looks like a layer norm.
__global__ void layer_norm(const float* x, float* y, int n) {  // expect: gaming.no-reduction
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = x[i];
}
