// kverify: expect=inconclusive stages=static
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

static void launch(float* y) { fill<<<4, 256>>>(y); }

cudaError_t run(float* y) {
  launch(y);
  return cudaGetLastError();
}
