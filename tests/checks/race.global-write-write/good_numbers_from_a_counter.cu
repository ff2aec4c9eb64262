// kverify: expect=certified kernel=keepPositive contract stages=fuzz,formal
// Nobody gets from atomicAdd what somebody else got: two places each, and no two threads write one of them.
__global__ void keepPositive(const float* __restrict__ x, float* __restrict__ y, int* __restrict__ count, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n || x[i] <= 0.0f) return;
  const int at = atomicAdd(count, 2);
  if (at < 0 || at > 4094) return;
  y[at] = x[i];
  y[at + 1] = -x[i];
}
