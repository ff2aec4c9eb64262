// kverify: expect=inconclusive stages=static
__global__ void fast(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
__global__ void reference(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  try {
    fast<<<1, 32>>>(x, y);
  } catch (...) {                                              // expect: gaming.fallback
    reference<<<1, 32>>>(x, y);
  }
  fast<<<1, 32>>>(x, y);
  if (cudaGetLastError() != cudaSuccess)                       // expect: gaming.fallback
    reference<<<1, 32>>>(x, y);
}
