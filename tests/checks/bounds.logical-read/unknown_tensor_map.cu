// kverify: expect=inconclusive kernel=tile_load target=sm_90 block=128 grid=1
// A tile loaded through a tensor map (needs sm_90): what it reads is in the descriptor, which is not modelled.
__global__ void tile_load(const char* __restrict__ map, float* __restrict__ y) {
  alignas(128) __shared__ float tile[8 * 32];
  alignas(8) __shared__ unsigned long long full;
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(tile));
  const unsigned bar = static_cast<unsigned>(__cvta_generic_to_shared(&full));
  if (threadIdx.x == 0) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(bar) : "memory");
    asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
                 "[%0], [%1, {%2, %3}], [%4];" ::"r"(to), "l"(map), "r"(0), "r"(0), "r"(bar)
                 : "memory");
  }
  __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x];
}
