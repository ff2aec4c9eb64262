// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(void (*product)(const float*, float*), const float* x, float* y) {
  gate<<<1, 32>>>(x, y);
  product(x, y);
}
