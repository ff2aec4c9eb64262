// kverify: expect=inconclusive stages=static
#include <cuda_pipeline_primitives.h>
// Stages in turn: whether the one that is read is the one just copied is not clear.
__global__ void sums(const float4* x, float4* y, int steps) {
  __shared__ float4 s[2][128];
  for (int step = 0; step < steps; ++step) {
    __pipeline_memcpy_async(&s[(step + 1) % 2][threadIdx.x], &x[step * 128 + threadIdx.x], 16);
    __pipeline_commit();
    __pipeline_wait_prior(1);
    y[step * 128 + threadIdx.x] = s[step % 2][127 - threadIdx.x];
    __syncthreads();
  }
}
