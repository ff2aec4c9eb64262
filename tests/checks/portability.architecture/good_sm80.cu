// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y) {
  __shared__ alignas(16) float s[128];
  unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(s + 4 * threadIdx.x));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(x + 4 * threadIdx.x) : "memory");
  asm volatile("cp.async.commit_group;\ncp.async.wait_group 0;" ::: "memory");
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x];
}
