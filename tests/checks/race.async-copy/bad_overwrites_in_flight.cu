// kverify: expect=refuted kernel=stage_or_zero block=32 grid=1
// Zeros the tail of a tile while the copy of the whole is still under way.
__global__ void stage_or_zero(const float* __restrict__ x, float* __restrict__ y, int n) {
  alignas(16) __shared__ float tile[128];
  const int t = threadIdx.x;
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(&tile[4 * t]));
  const float* from = x + 4 * t;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");  // expect: race.async-copy
  asm volatile("cp.async.commit_group;" ::: "memory");
  for (int i = 4 * t; i < 4 * t + 4; ++i)
    if (i >= n) tile[i] = 0.0f;  // expect: race.async-copy
  asm volatile("cp.async.wait_group 0;" ::: "memory");
  __syncthreads();
  for (int i = t; i < 128; i += 32) y[i] = tile[i];
}
