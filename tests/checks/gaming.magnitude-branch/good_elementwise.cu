// kverify: expect=inconclusive stages=static
// Thresholds of single elements, a running maximum without a magnitude, and a guard against zero.
__global__ void softplus(const float* x, float* y, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = fabsf(x[i]) > 20.0f ? x[i] : log1pf(expf(x[i]));
}
__global__ void normalise(const float* x, float* y, int n) {
  float most = 0.0f;
  for (int i = 0; i < n; ++i) most = fmaxf(most, fabsf(x[i]));
  float scale = most > 1e-12f ? 1.0f / most : 0.0f;
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = x[i] * scale;
}
