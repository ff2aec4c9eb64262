// kverify: expect=certified kernel=total block=32 grid=1
// The sum of a row by halves, recursively.
__device__ __noinline__ float sumOf(const float* x, int n) {
  if (n <= 1) return n == 1 ? x[0] : 0.0f;
  const int half = n / 2;
  return sumOf(x, half) + sumOf(x + half, n - half);
}

__global__ void total(const float* __restrict__ x, float* __restrict__ y, int n) {
  if (threadIdx.x == 0) y[0] = sumOf(x, n);
}
