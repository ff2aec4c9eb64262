// kverify: expect=inconclusive stages=static
// Completion through a barrier object is not followed.
__global__ void copy(const float* x, float* y) {
  __shared__ float s[128];
  __shared__ unsigned long long done;
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(&s[4 * threadIdx.x]));
  const unsigned object = static_cast<unsigned>(__cvta_generic_to_shared(&done));
  asm volatile("cp.async.ca.shared.global [%0], [%1], 16;" ::"r"(to), "l"(x + 4 * threadIdx.x) : "memory");
  asm volatile("cp.async.mbarrier.arrive.shared.b64 [%0];" ::"r"(object) : "memory");
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x];
}
