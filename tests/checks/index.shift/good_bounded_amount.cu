// kverify: expect=certified contract stages=fuzz,formal
// The amount is a remainder by the width of the type.
__global__ void masks(int* __restrict__ y, int n) {
  y[threadIdx.x] = 1 << ((threadIdx.x + n) % 32);
}
