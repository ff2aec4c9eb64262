// kverify: expect=inconclusive stages=static
// A guard, a stride, an early return, and an index that is kept inside.
__global__ void scale(const float* x, float* y, int n, float factor) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = factor * x[i];
}
__global__ void stride(const float* x, float* y, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) y[i] = x[i];
}
__global__ void leave(const float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  y[i] = x[i];
}
__global__ void inside(const float* x, float* y, int n) {
  const int i = min(static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x), n - 1);
  y[i] = x[i];
}
