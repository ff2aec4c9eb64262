// kverify: expect=inconclusive kernel=total block=128 grid=2 target=sm_90 stages=fuzz,stability
// wgmma (sm_90a) is not modelled: no order of blocks can be tried.
__global__ void total(const float* x, float* part, int n) {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  part[blockIdx.x * blockDim.x + threadIdx.x] = x[0];
}
