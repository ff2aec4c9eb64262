// kverify: expect=inconclusive kernel=grouped target=sm_90 block=128 grid=1
// A warp group's instruction (sm_90a) needs all lanes of four warps: whether they are there is not modelled.
__global__ void __launch_bounds__(128) grouped(const float* __restrict__ x, float* __restrict__ y) {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
  if (threadIdx.x < 96) asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
  y[threadIdx.x] = x[threadIdx.x];
}
