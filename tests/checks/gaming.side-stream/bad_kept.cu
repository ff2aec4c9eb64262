// kverify: expect=inconclusive stages=static
// The stream comes out of a function, out of a static object, or out of an argument array.
__global__ void gate(const float* x, float* y) { y[threadIdx.x] = tanhf(x[threadIdx.x]); }
struct Side {
  cudaStream_t stream;
  Side() { cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking); }
};
cudaStream_t sideStream() {
  static Side side;
  return side.stream;
}
cudaStream_t newStream() {
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  return stream;
}
void byObject(const float* x, float* y) {
  gate<<<1, 32, 0, sideStream()>>>(x, y);                      // expect: gaming.side-stream
}
void byFunction(const float* x, float* y) {
  cudaStream_t stream = newStream();
  gate<<<1, 32, 0, stream>>>(x, y);                            // expect: gaming.side-stream
}
