// kverify: expect=inconclusive stages=static
#include <cuda_pipeline_primitives.h>
__global__ void copy(const float4* x, float4* y) {
  __shared__ float4 s[128];
  __pipeline_memcpy_async(&s[threadIdx.x], &x[threadIdx.x], 16);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  __syncthreads();
  y[threadIdx.x] = s[127 - threadIdx.x];
}
