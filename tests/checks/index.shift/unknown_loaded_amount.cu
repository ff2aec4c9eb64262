// kverify: expect=inconclusive contract stages=formal
// The amounts are loaded, and the contract does not say what they are: the one that would be too large is in no run.
__global__ void scale(const int* __restrict__ amounts, int* __restrict__ y) {
  const int amount = amounts[threadIdx.x];
  y[threadIdx.x] = 1 << (amount == 123456789 ? 32 : 3);
}
