// kverify: expect=refuted kernel=pack block=32 grid=1
// The pairs start at an odd half.
// Packs two halves into one 32-bit word of shared memory.
#include <cuda_fp16.h>

__device__ __forceinline__ unsigned loadPair(const __half* p) {
  return *reinterpret_cast<const unsigned*>(p);  // expect: align.access
}

__global__ void pack(const __half* __restrict__ x, unsigned* __restrict__ y) {
  alignas(4) __shared__ __half tile[66];
  const int t = threadIdx.x;
  for (int i = t; i < 66; i += 32) tile[i] = x[i];
  __syncthreads();
  y[t] = loadPair(&tile[2 * t + 1]);
}
