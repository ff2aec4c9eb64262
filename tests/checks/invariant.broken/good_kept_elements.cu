// kverify: expect=certified kernel=keepPositive contract stages=fuzz,formal
// How many elements were kept depends on the data: that their number stays behind the loop's counter is what keeps the
// writes inside the row.
#include <kverify/annotations.h>

__global__ void keepPositive(const float* __restrict__ x, float* __restrict__ y, int n) {
  int kept = 0;
  for (int j = 0; kv_invariant(kept >= 0 && kept <= j), j < n; ++j) {
    const float value = x[threadIdx.x * n + j];
    if (value > 0.0f) {
      y[threadIdx.x * n + kept] = value;
      ++kept;
    }
  }
  kv_assert(kept <= n);
}
