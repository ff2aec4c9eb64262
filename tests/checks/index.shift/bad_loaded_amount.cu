// kverify: expect=refuted contract stages=formal
// The amounts are loaded, and the contract allows any: those past 31 are undefined.
__global__ void scale(const int* __restrict__ amounts, int* __restrict__ y) {
  y[threadIdx.x] = 1 << amounts[threadIdx.x];  // expect: index.shift
}
