// kverify: expect=refuted kernel=sums contract stages=fuzz,formal
// Rows are read as float4; the kernel requires their number to fit, and the contract lets others in.
#include <kverify/annotations.h>

__global__ void sums(const float* __restrict__ x, float* __restrict__ y, int n) {
  kv_requires(n % 4 == 0);  // expect: requires.broken
  const float4* row = reinterpret_cast<const float4*>(x) + threadIdx.x * (n / 4);
  float sum = 0.0f;
  for (int j = 0; j < n / 4; ++j) sum += row[j].x + row[j].y + row[j].z + row[j].w;
  y[threadIdx.x] = sum;
}
