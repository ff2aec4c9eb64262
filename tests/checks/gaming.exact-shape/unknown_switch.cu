// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    y[i] = x[i];
}
void run(const float* x, float* y, int n) {
  switch (n) {
  case 64:
    copy<<<1, 1024>>>(x, y, n);
    break;
  default:
    copy<<<1, 32>>>(x, y, n);
  }
}
