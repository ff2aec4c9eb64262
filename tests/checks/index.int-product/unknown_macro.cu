// kverify: expect=inconclusive stages=static
// The product is inside a macro: what it is for is not looked into.
#define AT(row, column, columns) ((row) * (columns) * (columns) + (column))
__global__ void copy(const float* x, float* y, int columns) {
  y[AT(blockIdx.x, threadIdx.x, columns)] = x[AT(blockIdx.x, threadIdx.x, columns)];
}
