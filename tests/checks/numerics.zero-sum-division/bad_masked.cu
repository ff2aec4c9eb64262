// kverify: expect=inconclusive stages=static
// Exponentials are positive, but a mask may let none of them in.
__global__ void average(const float* x, const int* mask, float* y, int n) {
  float sum = 0.0f;
  for (int i = 0; i < n; ++i)
    if (mask[i]) sum += expf(x[i] - 3.0f);
  y[threadIdx.x] = 1.0f / sum;                                 // expect: numerics.zero-sum-division
}
