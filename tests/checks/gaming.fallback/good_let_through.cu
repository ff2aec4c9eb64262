// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
#include <stdexcept>
void run(const float* x, float* y) {
  try {
    gate<<<1, 32>>>(x, y);
    if (cudaGetLastError() != cudaSuccess)
      throw std::runtime_error("the launch failed");
  } catch (const std::exception&) {
    cudaFree(y);
    throw;
  }
}
