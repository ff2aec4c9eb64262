// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  cudaStream_t side;
  cudaStreamCreateWithFlags(&side, cudaStreamNonBlocking);     // expect: gaming.side-stream
  gate<<<1, 32, 0, side>>>(x, y);
}
