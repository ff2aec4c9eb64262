// kverify: expect=inconclusive kernel=handshake target=sm_90 block=128 grid=1
// Waits in a loop on an mbarrier (needs sm_90): whether the phase ever completes is not modelled.
__global__ void handshake(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[128];
  alignas(8) __shared__ unsigned long long arrived;
  const int t = threadIdx.x;
  const unsigned bar = static_cast<unsigned>(__cvta_generic_to_shared(&arrived));
  if (t == 0) asm volatile("mbarrier.init.shared::cta.b64 [%0], 128;" ::"r"(bar) : "memory");
  __syncthreads();
  tile[t] = x[t];
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(bar) : "memory");
  unsigned done = 0;
  while (!done) {
    asm volatile(
        "{ .reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], 0; selp.u32 %0, 1, 0, p; }"
        : "=r"(done)
        : "r"(bar)
        : "memory");
  }
  y[t] = tile[127 - t];
}
