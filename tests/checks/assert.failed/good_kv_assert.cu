// kverify: expect=certified kernel=sums contract stages=fuzz,formal
// What the kernel asserts of its indices is proved for all sizes.
#include <kverify/annotations.h>

__global__ void sums(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int rows = blockDim.x;
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) {
    kv_assert(threadIdx.x * n + j < rows * n);
    sum += x[threadIdx.x * n + j];
  }
  y[threadIdx.x] = sum;
}
