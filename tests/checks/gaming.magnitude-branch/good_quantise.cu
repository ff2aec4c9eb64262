// kverify: expect=inconclusive stages=static
// The scale of a quantisation: only zero is a special case. Softplus asks about each element.
__global__ void quantise(const float* x, signed char* q, float* y, int n) {
  float largest = 0;
  for (int j = 0; j < n; ++j)
    largest = fmaxf(largest, fabsf(x[j]));
  float scale = largest > 0.0f ? 127.0f / largest : 0.0f;
  for (int j = 0; j < n; ++j) {
    q[j] = static_cast<signed char>(x[j] * scale);
    y[j] = x[j] > 20.0f ? x[j] : log1pf(expf(x[j]));
  }
}
