// kverify: expect=refuted kernel=gather contract
// A page number is checked against a limit that is one too small.
#include <cassert>

__global__ void gather(const int* __restrict__ table, const float* __restrict__ pages, float* __restrict__ y) {
  const int page = table[threadIdx.x];
  assert(page >= 0 && page < 15);  // expect: assert.failed
  y[threadIdx.x] = pages[page];
}
