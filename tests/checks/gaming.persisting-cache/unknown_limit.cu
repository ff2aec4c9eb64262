// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y, cudaLimit which, int amount) {
  cudaDeviceSetLimit(which, amount);
  gate<<<1, 32>>>(x, y);
}
