// kverify: expect=inconclusive kernel=sums contract stages=formal
// What is required and what the contract allows exclude each other: nothing is left that could be proved.
#include <kverify/annotations.h>

__global__ void sums(const float* __restrict__ x, float* __restrict__ y, int n) {
  kv_requires(n > 64);
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += x[threadIdx.x * n + j];
  y[threadIdx.x] = sum;
}
