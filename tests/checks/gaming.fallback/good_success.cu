// kverify: expect=inconclusive stages=static
// What runs only after success, and a failure that is passed on.
__global__ void first(const float* x, float* y) { y[threadIdx.x] = tanhf(x[threadIdx.x]); }
__global__ void second(float* y) { y[threadIdx.x] += 1.0f; }
cudaError_t run(const float* x, float* y) {
  first<<<1, 32>>>(x, y);
  if (cudaGetLastError() == cudaSuccess) second<<<1, 32>>>(y);
  cudaError_t failed = cudaGetLastError();
  if (failed != cudaSuccess) return failed;
  return cudaSuccess;
}
