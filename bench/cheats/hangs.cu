// The last row waits for something that never happens.
// stages: fuzz
// backend: cuda
// wanted-exit: 3

// A warp a row, three passes.
__device__ void softmaxRow(const float* row, float* to, int n) {
  float top = -INFINITY, sum = 0.0f;
  for (int i = threadIdx.x; i < n; i += 32)
    top = fmaxf(top, row[i]);
  for (int k = 16; k > 0; k /= 2)
    top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, k));
  for (int i = threadIdx.x; i < n; i += 32)
    sum += expf(row[i] - top);
  for (int k = 16; k > 0; k /= 2)
    sum += __shfl_xor_sync(0xffffffffu, sum, k);
  for (int i = threadIdx.x; i < n; i += 32)
    to[i] = expf(row[i] - top) / sum;
}

__global__ void hangs(const float* __restrict__ x, float* __restrict__ y, int n) {
  const long long at = 1ll * blockIdx.x * n;
  softmaxRow(x + at, y + at, n);
  volatile float* flag = y + at;
  while (blockIdx.x == gridDim.x - 1 && flag[0] != 12345.0f) {
  }
}
