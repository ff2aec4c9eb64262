// kverify: expect=inconclusive stages=static
// How far the neighbour is depends on a size: whether it is another lane's element is not clear.
__global__ void sum(const float* x, float* y, int rows) {
  __shared__ volatile float s[1024];
  s[threadIdx.x * 8 + 1] = x[threadIdx.x];
  y[threadIdx.x] = s[threadIdx.x * 8 + rows];
}
