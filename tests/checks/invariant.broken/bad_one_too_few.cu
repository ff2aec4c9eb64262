// kverify: expect=refuted kernel=keepPositive contract stages=fuzz,formal
// Before the first iteration nothing was kept, and 0 is not less than 0.
#include <kverify/annotations.h>

__global__ void keepPositive(const float* __restrict__ x, float* __restrict__ y, int n) {
  int kept = 0;
  for (int j = 0; j < n; ++j) {
    kv_invariant(kept < j);  // expect: invariant.broken
    const float value = x[threadIdx.x * n + j];
    if (value > 0.0f) {
      y[threadIdx.x * n + kept] = value;
      ++kept;
    }
  }
  kv_assert(kept <= n);
}
