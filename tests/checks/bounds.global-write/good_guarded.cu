// kverify: expect=certified kernel=twice contract
// y = 2 x, one thread an element.
__global__ void twice(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    const float value = x[i];
    y[i] = 2.0f * value;
  }
}
