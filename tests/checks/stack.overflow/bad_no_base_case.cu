// kverify: expect=refuted kernel=total block=32 grid=1
// The sum of a row by halves, recursively; a row of one element is halved for ever.
__device__ __noinline__ float sumOf(const float* x, int n) {
  return x[0] + sumOf(x + n / 2, n - n / 2);  // expect: stack.overflow
}

__global__ void total(const float* __restrict__ x, float* __restrict__ y, int n) {
  if (threadIdx.x == 0) y[0] = sumOf(x, n);
}
