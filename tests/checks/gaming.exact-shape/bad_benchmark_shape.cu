// kverify: expect=inconclusive stages=static
__global__ void fast(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];
}
__global__ void slow(const float* x, float* y, int n) {
  for (int i = 0; i < n; ++i)
    y[i] = x[i];
}
void run(const float* x, float* y, int m, int n) {
  if (m == 128 && n == 64)                              // expect: gaming.exact-shape
    fast<<<8, 1024>>>(x, y);
  else
    slow<<<1, 1>>>(x, y, m * n);
}
