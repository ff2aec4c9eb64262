// kverify: expect=inconclusive stages=static
// A demand that the size is one: there is no other path.
#include <stdexcept>
__global__ void gate(const float* x, float* y) { y[threadIdx.x] = tanhf(x[threadIdx.x]); }
int run(const float* x, float* y, int rows, int columns) {
  if (rows != 4096 || columns != 4096) return 1;
  if (columns != 4096) throw std::runtime_error("columns must be 4096");
  gate<<<1, 256>>>(x, y);
  return 0;
}
