// kverify: expect=refuted kernel=anyNegative contract stages=fuzz,formal
// Everybody who sees a negative number raises the flag: the value is the same, the race is one all the same.
__global__ void anyNegative(const float* __restrict__ x, int* __restrict__ found, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && x[i] < 0.0f) *found = 1;  // expect: race.same-value-write
}
