// kverify: expect=inconclusive contract stages=fuzz backend=both
// fake: function _Z7softmaxPKfPfii crash
__global__ void softmax(const float* x, float* y, int rows, int n) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows)
    return;
  const float* from = x + row * n;
  float* to = y + row * n;
  float top = -INFINITY, sum = 0.0f;
  for (int i = 0; i < n; ++i)
    top = fmaxf(top, from[i]);
  for (int i = 0; i < n; ++i)
    sum += expf(from[i] - top);
  for (int i = 0; i < n; ++i)
    to[i] = expf(from[i] - top) / sum;
}
