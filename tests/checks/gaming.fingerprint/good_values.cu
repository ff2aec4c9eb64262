// kverify: expect=inconclusive stages=static
// Comparisons of values with ordinary numbers, of many values, and of a parameter that is one number.
__global__ void activate(const float* x, const float* temperature, float* y, int n) {
  float t = temperature[0];
  bool is_cold = t < 0.5f;
  float sum = 0.0f;
  for (int i = 0; i < n; ++i) sum += x[i];
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    float v = x[i];
    if (v == -100.0f) continue;
    y[i] = v > 0.125f ? v : is_cold ? 0.0f : v / (t + (sum == 0.0f ? 1.0f : sum));
  }
}
