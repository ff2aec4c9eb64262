// kverify: expect=inconclusive contract stages=formal
// A hash is meant to wrap: whether an address depends on it in a harmful way cannot be told by asking for no overflow.
__global__ void scatter(const int* __restrict__ keys, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = keys[(i * 2654435761u >> 4) % static_cast<unsigned>(n)];
}
