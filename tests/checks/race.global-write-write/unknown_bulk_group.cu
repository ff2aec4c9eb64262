// kverify: expect=inconclusive kernel=store_bulk target=sm_90 block=128 grid=1
// Two bulk stores (needs sm_90) into one buffer: their extent and their order are not modelled.
__global__ void store_bulk(const float* __restrict__ x, float* __restrict__ y) {
  alignas(16) __shared__ float row[128];
  row[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x % 64 == 0) {
    const unsigned from = static_cast<unsigned>(__cvta_generic_to_shared(&row[threadIdx.x]));
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], 256;" ::"l"(y + threadIdx.x), "r"(from)
                 : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
  }
}
