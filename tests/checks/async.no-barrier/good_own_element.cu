// kverify: expect=inconclusive stages=static
#include <cuda_pipeline_primitives.h>
__global__ void copy(const float4* x, float4* y) {
  __shared__ float4 s[128];
  __pipeline_memcpy_async(&s[threadIdx.x], &x[threadIdx.x], 16);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  const float4 own = s[threadIdx.x];
  __syncthreads();
  const float4 other = s[127 - threadIdx.x];
  y[threadIdx.x] = make_float4(own.x + other.x, own.y, own.z, own.w);
}
