// kverify: expect=inconclusive stages=static
__device__ float affine(float v, const float* gamma, const float* beta, int j) {
  return v * gamma[j] + beta[j];
}
// One input by value, one by a helper, one by the condition, one by an index.
__global__ void norm(const float* x, const float* gamma, const float* beta, const int* mask, const int* order, float* y) {
  int j = threadIdx.x;
  if (mask[j])
    y[order[j]] = affine(x[j], gamma, beta, j);
}
