// kverify: expect=inconclusive stages=static
// Integers add up alike in any order; a maximum does as well.
__global__ void count(const float* x, int* positive, int* largest, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    atomicAdd(positive, x[i] > 0 ? 1 : 0);
    atomicMax(largest, __float_as_int(x[i]));
  }
}
