// kverify: expect=refuted kernel=poly block=128 grid=1
// Horner's rule over four coefficients, starting at the fifth.
__global__ void poly(const float* __restrict__ x, float* __restrict__ y, int n) {
  float coefficient[4];
  for (int i = 0; i < 4; ++i) coefficient[i] = 1.0f / static_cast<float>(n + i);
  float value = 0.0f;
  for (int i = 4; i >= 0; --i) value = value * x[threadIdx.x] + coefficient[i];  // expect: bounds.local
  y[threadIdx.x] = value;
}
