// kverify: expect=refuted kernel=softmax_rows contract
// Softmax with the sum in half precision, where the contract declares fp32.
#include <cuda_fp16.h>

__global__ void softmax_rows(const float* __restrict__ x, float* __restrict__ y, int n) {  // expect: numerics.bound
  const float* row = x + blockIdx.x * n;
  float row_max = -INFINITY;
  for (int j = 0; j < n; ++j) row_max = fmaxf(row_max, row[j]);
  __half sum = __float2half(0.0f);
  for (int j = 0; j < n; ++j) sum = __hadd(sum, __float2half(expf(row[j] - row_max)));
  for (int j = 0; j < n; ++j) y[blockIdx.x * n + j] = expf(row[j] - row_max) / __half2float(sum);
}
