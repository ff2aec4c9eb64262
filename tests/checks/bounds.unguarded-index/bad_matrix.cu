// kverify: expect=inconclusive stages=static
__global__ void product(const float* a, const float* b, float* c, int n) {
  const int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
  float sum = 0.0f;
  for (int k = 0; k < n; ++k)
    sum += a[row * n + k]    // expect: bounds.unguarded-index
           * b[k * n + column];  // expect: bounds.unguarded-index
  c[row * n + column] = sum;
}
