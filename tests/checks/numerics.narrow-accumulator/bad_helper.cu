// kverify: expect=inconclusive stages=static
#include <cuda_fp16.h>
__device__ void addProduct(__half& sum, __half a, __half b) { sum = __hadd(sum, __hmul(a, b)); }
__global__ void dot(const __half* a, const __half* b, __half* y, int n) {
  __half sum = __float2half(0.0f);
  for (int k = 0; k < n; ++k) addProduct(sum, a[k], b[k]);     // expect: numerics.narrow-accumulator
  y[threadIdx.x] = sum;
}
