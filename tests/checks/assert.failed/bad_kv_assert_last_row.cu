// kverify: expect=refuted kernel=sums contract stages=fuzz,formal
// The last element of the last row is at the end, not before it.
#include <kverify/annotations.h>

__global__ void sums(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int last = blockDim.x * n - 1;
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) {
    kv_assert(static_cast<int>(threadIdx.x) * n + j < last);  // expect: assert.failed
    sum += x[threadIdx.x * n + j];
  }
  y[threadIdx.x] = sum;
}
