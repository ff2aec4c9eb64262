// kverify: expect=inconclusive stages=static
void consume(float* x);
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  gate<<<1, 32>>>(x, y);
  consume(const_cast<float*>(x));
}
