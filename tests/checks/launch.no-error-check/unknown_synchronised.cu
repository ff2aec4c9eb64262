// kverify: expect=inconclusive stages=static
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

cudaError_t run(float* y) {
  fill<<<4, 256>>>(y);
  return cudaDeviceSynchronize();
}
