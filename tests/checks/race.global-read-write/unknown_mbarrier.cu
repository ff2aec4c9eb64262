// kverify: expect=inconclusive kernel=exchange target=sm_90 block=128 grid=1
// Neighbours exchange through global memory, ordered by an mbarrier (test_wait of a phase), which is not modelled.
__global__ void exchange(const float* __restrict__ x, float* y) {
  alignas(8) __shared__ unsigned long long arrived;
  const int t = threadIdx.x;
  const unsigned bar = static_cast<unsigned>(__cvta_generic_to_shared(&arrived));
  if (t == 0) asm volatile("mbarrier.init.shared::cta.b64 [%0], 128;" ::"r"(bar) : "memory");
  __syncthreads();
  y[t] = x[t];
  unsigned long long phase;
  asm volatile("mbarrier.arrive.shared::cta.b64 %0, [%1];" : "=l"(phase) : "r"(bar) : "memory");
  unsigned done = 0;
  while (!done)
    asm volatile("{ .reg .pred p; mbarrier.test_wait.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }"
                 : "=r"(done)
                 : "r"(bar), "l"(phase)
                 : "memory");
  y[128 + t] = y[127 - t];
}
