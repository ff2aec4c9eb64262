// kverify: expect=refuted kernel=negate contract
#include <cuda_fp16.h>
// y = -x in pairs of halves; with an odd n the last one belongs to no pair.
__global__ void negate(const __half2* __restrict__ x, __half2* __restrict__ y, int n) {  // expect: output.unwritten
  const int pair = blockIdx.x * blockDim.x + threadIdx.x;
  if (pair < n / 2)
    y[pair] = __hneg2(x[pair]);
}
