// kverify: expect=refuted kernel=last_of_four block=32 grid=1
// A helper is given the array and reads behind its last element, at a constant place.
__device__ float last(const float* four) {
  return four[4];  // expect: bounds.local
}

__global__ void last_of_four(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float four[4];
  for (int i = 0; i < 4; ++i) four[i] = x[4 * t + i];
  y[t] = last(four);
}
