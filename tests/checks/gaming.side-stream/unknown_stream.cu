// kverify: expect=inconclusive stages=static
cudaStream_t pickStream();
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  gate<<<1, 32, 0, pickStream()>>>(x, y);
}
