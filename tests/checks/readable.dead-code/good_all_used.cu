// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y, int n) {
  int i = threadIdx.x;
  float v = x[i];
  float sum = 0;
  sum += v;
  if (i >= n)
    return;
  y[i] = sum;
}
