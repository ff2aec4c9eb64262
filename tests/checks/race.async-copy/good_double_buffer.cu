// kverify: expect=certified kernel=staged_sum block=32 grid=1
// Two stages of 128 floats: while one is added up, the next arrives.
__device__ __forceinline__ unsigned sharedAddress(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

__global__ void staged_sum(const float* __restrict__ x, float* __restrict__ y, int steps) {
  alignas(16) __shared__ float tile[2][128];
  const int t = threadIdx.x;
  float sum = 0.0f;
  for (int step = 0; step <= steps; ++step) {
    if (step < steps) {
      const unsigned to = sharedAddress(&tile[step % 2][4 * t]);
      const float* from = x + step * 128 + 4 * t;
      asm("cp.async.ca.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
    if (step == 0) continue;
    asm volatile("cp.async.wait_group 1;" ::: "memory");
    __syncthreads();
    for (int i = 0; i < 128; ++i) {
      const float value = tile[(step + 1) % 2][i];
      sum += value;
    }
    __syncthreads();
  }
  y[t] = sum;
}
