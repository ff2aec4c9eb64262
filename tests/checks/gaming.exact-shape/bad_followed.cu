// kverify: expect=inconclusive stages=static
// In a function, in a bool, by exclusion, and as a case.
__global__ void special(const float* x, float* y) { y[threadIdx.x] = x[threadIdx.x]; }
__global__ void general(const float* x, float* y, int rows, int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < rows * columns) y[i] = tanhf(x[i]);
}
bool isBenchmark(int rows, int columns) { return rows == 4096 && columns == 4096; }
void byFunction(const float* x, float* y, int rows, int columns) {
  if (isBenchmark(rows, columns))                              // expect: gaming.exact-shape
    special<<<1, 256>>>(x, y);
  else
    general<<<1, 256>>>(x, y, rows, columns);
}
void byVariable(const float* x, float* y, int rows, int columns) {
  const bool known = (rows == 2048) && (columns == 2048);
  if (known)                                                   // expect: gaming.exact-shape
    special<<<1, 256>>>(x, y);
  else
    general<<<1, 256>>>(x, y, rows, columns);
}
void byExclusion(const float* x, float* y, int rows, int columns) {
  if (rows != 4096 || columns != 4096) {                       // expect: gaming.exact-shape
    general<<<1, 256>>>(x, y, rows, columns);
    return;
  }
  special<<<1, 256>>>(x, y);
}
void byCase(const float* x, float* y, int rows, int columns) {
  switch (rows * columns) {
  case 16777216:                                               // expect: gaming.exact-shape
    special<<<1, 256>>>(x, y);
    break;
  default:
    general<<<1, 256>>>(x, y, rows, columns);
  }
}
