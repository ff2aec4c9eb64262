// kverify: expect=refuted kernel=twice contract
// The guard comes after the load: the last block reads past the end of x.
__global__ void twice(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const float value = x[i];  // expect: bounds.global-read
  if (i < n) y[i] = 2.0f * value;
}
