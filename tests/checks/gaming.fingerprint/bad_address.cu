// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  static const float* last = nullptr;
  if (x == last)                                        // expect: gaming.fingerprint
    return;
  last = x;
  gate<<<1, 32>>>(x, y);
}
