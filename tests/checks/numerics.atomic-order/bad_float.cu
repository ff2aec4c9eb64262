// kverify: expect=inconclusive stages=static
__global__ void total(const float* x, float* sum, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    atomicAdd(sum, x[i]);                               // expect: numerics.atomic-order
}
