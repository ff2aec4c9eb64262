// kverify: expect=inconclusive stages=static
#include <cstdio>
#include <cstdlib>
#define CHECK(call)                                                                   \
  do {                                                                                \
    cudaError_t error = (call);                                                       \
    if (error != cudaSuccess) { printf("%s\n", cudaGetErrorString(error)); exit(1); } \
  } while (0)
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

void check() { CHECK(cudaGetLastError()); }

void run(float* y) {
  fill<<<4, 256>>>(y);
  CHECK(cudaGetLastError());
}

void run_twice(float* y) {
  fill<<<4, 256>>>(y);
  fill<<<8, 128>>>(y);
  check();
}
