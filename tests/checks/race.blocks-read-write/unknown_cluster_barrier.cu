// kverify: expect=inconclusive kernel=exchange target=sm_90 block=32 grid=2
// Blocks of a cluster hand over through global memory, ordered by barrier.cluster (needs sm_90), which is not modelled.
__global__ void exchange(const float* __restrict__ x, float* y) {
  const int t = threadIdx.x;
  y[blockIdx.x * 32 + t] = x[blockIdx.x * 32 + t];
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
  y[64 + blockIdx.x * 32 + t] = y[(1 - blockIdx.x) * 32 + t];
}
