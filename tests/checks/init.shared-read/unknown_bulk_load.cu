// kverify: expect=inconclusive kernel=bulk_load target=sm_90 block=128 grid=1
// The tile is filled by a bulk copy (needs sm_90), which is not modelled.
__global__ void bulk_load(const float* __restrict__ x, float* __restrict__ y) {
  alignas(16) __shared__ float tile[128];
  alignas(8) __shared__ unsigned long long full;
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(tile));
  const unsigned bar = static_cast<unsigned>(__cvta_generic_to_shared(&full));
  if (threadIdx.x == 0) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(bar) : "memory");
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], 512, [%2];" ::"r"(to),
                 "l"(x), "r"(bar)
                 : "memory");
  }
  __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x];
}
