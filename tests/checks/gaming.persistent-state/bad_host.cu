// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  static int calls = 0;                                 // expect: gaming.persistent-state
  static float* kept = nullptr;                         // expect: gaming.persistent-state
  if (++calls > 10 && kept) {
    cudaMemcpy(y, kept, 4096, cudaMemcpyDeviceToDevice);
    return;
  }
  gate<<<1, 32>>>(x, y);
  kept = y;
}
