// kverify: expect=inconclusive stages=static
// Another kernel of the file sums, but not for this one.
__global__ void rowSum(const float* x, float* y, int n) {
  float sum = 0.0f;
  for (int i = 0; i < n; ++i) sum += x[i];
  y[0] = sum;
}
__global__ void layer_norm_forward(const float* x, const float* g, float* y, int n) {   // expect: gaming.no-reduction
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * g[i % 64];
}
void runSum(const float* x, float* y, int n) { rowSum<<<1, 1>>>(x, y, n); }
void runNorm(const float* x, const float* g, float* y, int n) { layer_norm_forward<<<n / 256, 256>>>(x, g, y, n); }
