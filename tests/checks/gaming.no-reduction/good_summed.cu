// kverify: expect=inconclusive stages=static
__global__ void layer_norm(const float* x, float* y, int n) {
  float sum = 0, squares = 0;
  for (int j = 0; j < n; ++j)
    sum += x[j];
  for (int j = 0; j < n; ++j)
    squares += (x[j] - sum / n) * (x[j] - sum / n);
  y[threadIdx.x] = (x[threadIdx.x] - sum / n) * rsqrtf(squares / n + 1e-5f);
}
