// kverify: expect=inconclusive kernel=add_into target=sm_90 block=128 grid=1
// A bulk reduction from shared to global memory (needs sm_90) is not modelled: nobody can say which bytes it writes.
__global__ void add_into(const float* __restrict__ x, float* __restrict__ y) {
  alignas(16) __shared__ float tile[128];
  tile[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x == 0) {
    const unsigned from = static_cast<unsigned>(__cvta_generic_to_shared(tile));
    asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.f32 [%0], [%1], 512;" ::"l"(y), "r"(from)
                 : "memory");
  }
}
