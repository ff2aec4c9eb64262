// kverify: expect=inconclusive stages=static
void onFailure();
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  try {
    gate<<<1, 32>>>(x, y);
  } catch (...) {
    onFailure();
  }
}
