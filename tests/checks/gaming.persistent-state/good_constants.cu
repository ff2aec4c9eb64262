// kverify: expect=inconclusive stages=static
// A table that nobody writes, shared memory, and a flag that only remembers that something was set up.
__device__ const float kTable[2] = {0.5f, 2.0f};
__device__ float lookup[2] = {0.5f, 2.0f};
__global__ void scale(float* x) {
  __shared__ float s[32];
  s[threadIdx.x] = x[threadIdx.x] * kTable[0] + lookup[1];
  x[threadIdx.x] = s[threadIdx.x];
}
void run(float* x) {
  static bool ready = false;
  if (!ready) {
    cudaFuncSetAttribute((const void*)scale, cudaFuncAttributeMaxDynamicSharedMemorySize, 1024);
    ready = true;
  }
  scale<<<1, 32>>>(x);
}
