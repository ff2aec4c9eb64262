#include <kverify/annotations.h>

__global__ void twice(const float* x, float* y, int n) {
  kv_requires(n <= 32);
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = 2.0f * x[i];
}
