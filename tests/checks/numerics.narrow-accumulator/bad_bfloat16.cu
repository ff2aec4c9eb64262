// kverify: expect=inconclusive stages=static
#include <cuda_bf16.h>
__global__ void row_sum(const __nv_bfloat16* x, __nv_bfloat16* y, int n) {
  __nv_bfloat16 sum = __float2bfloat16(0.0f);
  for (int k = 0; k < n; ++k)
    sum += x[k];                                        // expect: numerics.narrow-accumulator
  y[0] = sum;
}
