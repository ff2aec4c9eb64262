// kverify: expect=inconclusive kernel=checked block=128 grid=1
// What is asserted comes from a function in another file.
#include <cassert>

extern __device__ int pageCount(const float* pages);

__global__ void checked(const float* __restrict__ pages, float* __restrict__ y) {
  assert(pageCount(pages) > 0);
  y[threadIdx.x] = pages[threadIdx.x];
}
