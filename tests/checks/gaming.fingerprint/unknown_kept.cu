// kverify: expect=inconclusive stages=static
// Passed on to whatever profile() is.
void profile(unsigned long long where);
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  unsigned long long where = reinterpret_cast<unsigned long long>(x);
  profile(where);
  gate<<<1, 32>>>(x, y);
}
