// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y, int rows, int columns, int depth) {
  const size_t at = blockIdx.x * columns + threadIdx.x;  // expect: index.int-product
  const long long all = rows * columns;                  // expect: index.int-product
  y[at] = x[blockIdx.x * rows * columns * depth + threadIdx.x]  // expect: index.int-product
          + static_cast<float>(all);
}
