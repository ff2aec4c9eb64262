// kverify: expect=inconclusive contract stages=formal
// The amounts are loaded, and the contract does not say what they are.
__global__ void scale(const int* __restrict__ amounts, int* __restrict__ y) {
  y[threadIdx.x] = 1 << amounts[threadIdx.x];
}
