// Host code as people write it around a kernel: it must parse, it is never compiled.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cuda_runtime.h>

#define CHECK(call)                                                              \
  do {                                                                           \
    cudaError_t error = (call);                                                  \
    if (error != cudaSuccess) {                                                  \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(error)); \
      exit(1);                                                                   \
    }                                                                            \
  } while (0)

__constant__ float table[64];
__device__ int counter;

template <int D, bool causal> __global__ void __launch_bounds__(256, 2) scale(float* x, int n, dim3 shape) {
  extern __shared__ float buffer[];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = x[i] * table[i % 64] + (causal ? buffer[0] : (float)shape.x) + D;
  if (i == 0) atomicAdd(&counter, 1);
}

int main(int argc, char** argv) {
  int n = argc > 1 ? atoi(argv[1]) : 1024;
  std::vector<float> host(n, 1.0f);
  float *device = nullptr, ms = 0;
  CHECK(cudaMalloc(&device, n * sizeof(float)));
  CHECK(cudaMalloc((void**)&device, n * sizeof(float)));
  CHECK(cudaMemcpy(device, host.data(), n * sizeof(float), cudaMemcpyHostToDevice));
  CHECK(cudaMemcpyToSymbol(table, host.data(), 64 * sizeof(float)));
  CHECK(cudaFuncSetAttribute(scale<64, true>, cudaFuncAttributeMaxDynamicSharedMemorySize, 98304));
  cudaStream_t stream;
  CHECK(cudaStreamCreate(&stream));
  cudaEvent_t start, stop;
  cudaEventCreate(&start);
  cudaEventCreate(&stop);
  cudaEventRecord(start, stream);
  dim3 block(256), grid((n + block.x - 1) / block.x);
  scale<64, true><<<grid, block, 1024, stream>>>(device, n, dim3(1, 2));
  scale<32, false><<<grid, 256>>>(device, n, grid);
  CHECK(cudaGetLastError());
  CHECK(cudaDeviceSynchronize());
  cudaEventRecord(stop);
  cudaEventSynchronize(stop);
  cudaEventElapsedTime(&ms, start, stop);
  int id = 0;
  cudaDeviceProp properties;
  cudaGetDevice(&id);
  cudaGetDeviceProperties(&properties, id);
  printf("%s %d %.3f ms %f\n", properties.name, properties.multiProcessorCount, ms, host[0]);
  void* arguments[] = {&device, &n};
  cudaLaunchKernel((const void*)scale<64, true>, grid, block, arguments, 0, stream);
  cudaMemset(device, 0, 4);
  cudaFree(device);
  cudaStreamDestroy(stream);
  return 0;
}
