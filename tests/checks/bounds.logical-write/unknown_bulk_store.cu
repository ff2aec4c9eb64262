// kverify: expect=inconclusive kernel=store_rows target=sm_90 block=128 grid=1
// A row stored by a bulk copy (needs sm_90), which is not modelled: nobody can say where it ends.
__global__ void store_rows(const float* __restrict__ x, float* __restrict__ y) {
  alignas(16) __shared__ float row[128];
  row[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x == 0) {
    const unsigned from = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], 512;" ::"l"(y), "r"(from) : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
  }
}
