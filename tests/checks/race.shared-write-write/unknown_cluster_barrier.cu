// kverify: expect=inconclusive kernel=split_rows target=sm_90 block=128 grid=1
// Ordered by a barrier of the whole cluster (needs sm_90), which is not modelled.
__global__ void split_rows(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[64];
  const int t = threadIdx.x;
  if (t < 64) tile[t] = x[t];
  asm volatile("barrier.cluster.arrive.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.aligned;" ::: "memory");
  if (t >= 64) tile[t - 64] = x[t];
  __syncthreads();
  if (t < 64) y[t] = tile[t];
}
