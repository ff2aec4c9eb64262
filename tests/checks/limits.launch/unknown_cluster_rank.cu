// kverify: expect=inconclusive kernel=ranked target=sm_90 block=128 grid=1
// Written for a cluster launch (needs sm_90), whose limits are not modelled.
__global__ void ranked(const float* __restrict__ x, float* __restrict__ y) {
  unsigned rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  y[rank * blockDim.x + threadIdx.x] = x[threadIdx.x];
}
