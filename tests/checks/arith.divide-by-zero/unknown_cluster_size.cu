// kverify: expect=inconclusive kernel=share target=sm_90 block=128 grid=1
// The divisor is the number of blocks of the cluster (needs sm_90), which is not modelled.
__global__ void share(const float* __restrict__ x, float* __restrict__ y, int n) {
  unsigned blocks;
  asm volatile("mov.u32 %0, %%cluster_nctaid.x;" : "=r"(blocks));
  const int part = n / static_cast<int>(blocks);
  if (threadIdx.x < part) y[threadIdx.x] = x[threadIdx.x];
}
