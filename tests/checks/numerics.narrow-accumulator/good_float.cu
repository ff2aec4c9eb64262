// kverify: expect=inconclusive stages=static
#include <cuda_fp16.h>
// Summed in float; four terms may be summed in anything.
__global__ void dot(const __half* a, const __half* b, __half* y, int n) {
  float sum = 0;
  for (int k = 0; k < n; ++k)
    sum += __half2float(a[k]) * __half2float(b[k]);
  __half few = a[0];
  for (int k = 1; k < 4; ++k)
    few += a[k];
  y[0] = __float2half(sum);
  y[1] = few;
}
