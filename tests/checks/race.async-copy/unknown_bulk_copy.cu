// kverify: expect=inconclusive kernel=bulk_stage target=sm_90 block=32 grid=1
// The same by a bulk copy that completes on an mbarrier (needs sm_90): not modelled.
__global__ void bulk_stage(const float* __restrict__ x, float* __restrict__ y) {
  alignas(16) __shared__ float tile[128];
  alignas(8) __shared__ unsigned long long full;
  const int t = threadIdx.x;
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(tile));
  const unsigned bar = static_cast<unsigned>(__cvta_generic_to_shared(&full));
  if (t == 0) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(bar) : "memory");
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], 512;" ::"r"(bar) : "memory");
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], 512, [%2];" ::"r"(to),
                 "l"(x), "r"(bar)
                 : "memory");
  }
  __syncthreads();
  for (int i = t; i < 128; i += 32) y[i] = tile[i];
}
