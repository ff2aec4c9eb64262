// kverify: expect=certified kernel=stage block=32 grid=1
// A tile of 128 floats through cp.async, 16 bytes a thread.
__global__ void stage(const float* __restrict__ x, float* __restrict__ y) {
  alignas(16) __shared__ float tile[128];
  const int t = threadIdx.x;
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(&tile[4 * t]));
  const float* from = x + 4 * t;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
  asm volatile("cp.async.commit_group;" ::: "memory");
  asm volatile("cp.async.wait_group 0;" ::: "memory");
  __syncthreads();
  for (int i = t; i < 128; i += 32) {
    const float value = tile[i];
    y[i] = value;
  }
}
