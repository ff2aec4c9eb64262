// kverify: expect=inconclusive kernel=half_cluster target=sm_90 block=128 grid=1
// A barrier of the cluster (needs sm_90) in a branch: which threads it waits for is not modelled.
__global__ void half_cluster(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  if (t < 64) asm volatile("barrier.cluster.arrive;" ::: "memory");
  if (t < 64) asm volatile("barrier.cluster.wait;" ::: "memory");
  y[t] = x[t];
}
