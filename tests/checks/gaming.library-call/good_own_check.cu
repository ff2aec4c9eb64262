// kverify: expect=inconclusive stages=static
// A function of the file that is called like one of the library, and only looks at what it said.
#include <cstdio>
enum cublasStatus_t { CUBLAS_STATUS_SUCCESS = 0 };
inline void cublasCheck(cublasStatus_t status, const char* file, int line) {
  if (status != CUBLAS_STATUS_SUCCESS) printf("%s:%d: %d\n", file, line, static_cast<int>(status));
}
__global__ void gate(const float* x, float* y) { y[threadIdx.x] = tanhf(x[threadIdx.x]); }
void run(const float* x, float* y) {
  gate<<<1, 32>>>(x, y);
  cublasCheck(CUBLAS_STATUS_SUCCESS, "run", 1);
}
