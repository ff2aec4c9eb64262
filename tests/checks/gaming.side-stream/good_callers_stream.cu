// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y, cudaStream_t stream) {
  gate<<<1, 32, 0, stream>>>(x, y);
  cudaStream_t own;
  cudaStreamCreate(&own);
  gate<<<1, 32, 0, own>>>(x, y);
  cudaStreamSynchronize(own);
  cudaStreamDestroy(own);
}
