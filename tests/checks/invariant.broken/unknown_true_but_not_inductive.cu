// kverify: expect=inconclusive kernel=keepPositive contract stages=formal
// The number is even, so that it never is 7. From "it is not 7" alone that does not follow: it might have been 5.
#include <kverify/annotations.h>

__global__ void keepPositive(const float* __restrict__ x, float* __restrict__ y, int n) {
  int kept = 0;
  for (int j = 0; j < n; ++j) {
    kv_invariant(kept != 7);
    if (x[threadIdx.x * n + j] > 0.0f) kept += 2;
  }
  y[threadIdx.x * n] = static_cast<float>(kept);
}
