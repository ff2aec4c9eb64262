// kverify: expect=inconclusive stages=static
// Where it writes is what pick() says: a table of pointers.
__device__ float* pick(float** table, int i) {
  return table[i];
}
__global__ void scatter(const float* x, const float* w, float** table, float* y) {
  *pick(table, threadIdx.x) = x[threadIdx.x];
  y[threadIdx.x] = x[0];
}
