// kverify: expect=inconclusive stages=static
// Each thread has a row of 8, if n <= 8: whether it stays in there is not looked into.
__global__ void rows(const float* x, float* y, int n) {
  __shared__ float s[128 * 8];
  for (int i = 0; i < n; ++i) s[threadIdx.x * 8 + i] = x[i];
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) sum += s[threadIdx.x * 8 + j];
  y[threadIdx.x] = sum;
}
