// kverify: expect=inconclusive stages=static
// Whether score() subtracts something is not looked for.
__device__ float score(const float* q, const float* k) {
  return q[0] * k[0];
}
__global__ void weights(const float* q, const float* k, float* y, int n) {
  float sum = 0;
  for (int j = 0; j < n; ++j)
    sum += expf(score(q, k + j));
  y[0] = sum;
}
