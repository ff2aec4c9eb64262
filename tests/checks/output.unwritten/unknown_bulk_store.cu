// kverify: expect=inconclusive kernel=store_row target=sm_90 contract
// The output is stored by a bulk copy (needs sm_90): which elements it writes is not modelled.
__global__ void store_row(const float* __restrict__ x, float* __restrict__ y, int n) {
  alignas(16) __shared__ float row[128];
  row[threadIdx.x] = threadIdx.x < n ? x[threadIdx.x] : 0.0f;
  __syncthreads();
  if (threadIdx.x == 0) {
    const unsigned from = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(y), "r"(from), "r"(4 * n)
                 : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
  }
}
