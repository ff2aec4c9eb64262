// kverify: expect=inconclusive stages=static
// The host looks at a remainder: the sizes may be multiples of the block.
__global__ void scale(const float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = 2.0f * x[i];
}

cudaError_t run(const float* x, float* y, int n) {
  if (n % 256 != 0) return cudaErrorInvalidValue;
  scale<<<n / 256, 256>>>(x, y, n);
  return cudaGetLastError();
}
