// kverify: expect=inconclusive stages=static
// The question is kept in a bool, is the condition itself, or is switched over.
__global__ void fast(const float* x, float* y) { y[threadIdx.x] = tanhf(x[threadIdx.x]); }
__global__ void other(const float* x, float* y) { y[threadIdx.x] = tanhf(x[threadIdx.x]); }
void byVariable(const float* x, float* y) {
  fast<<<1, 32>>>(x, y);
  bool worked = cudaGetLastError() == cudaSuccess;
  if (!worked)                                                 // expect: gaming.fallback
    other<<<1, 32>>>(x, y);
}
void byCode(const float* x, float* y) {
  if (cudaFuncSetAttribute(fast, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536))   // expect: gaming.fallback
    other<<<1, 32>>>(x, y);
  else
    fast<<<1, 32, 65536>>>(x, y);
}
void bySwitch(const float* x, float* y) {
  fast<<<1, 32>>>(x, y);
  switch (cudaGetLastError()) {                                // expect: gaming.fallback
  case cudaSuccess:
    break;
  default:
    other<<<1, 32>>>(x, y);
  }
}
