// kverify: expect=refuted kernel=twice contract
// The load is guarded, the store is not.
__global__ void twice(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const float value = i < n ? x[i] : 0.0f;
  y[i] = 2.0f * value;  // expect: bounds.global-write
}
