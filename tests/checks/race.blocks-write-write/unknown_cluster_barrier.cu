// kverify: expect=inconclusive kernel=two_halves target=sm_90 block=32 grid=2
// Blocks of a cluster write one after the other (barrier.cluster, sm_90); that order is not modelled.
__global__ void two_halves(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  if (blockIdx.x == 0) y[t] = x[t];
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
  if (blockIdx.x == 1) y[t] = 2.0f * x[t];
}
