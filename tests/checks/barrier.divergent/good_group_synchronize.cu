// kverify: expect=certified kernel=shift_left block=64 grid=2
// The free function waits for a group like its member does.
#include <cooperative_groups.h>

namespace cg = cooperative_groups;

__global__ void shift_left(float *x, int n) {
  __shared__ float next[64];
  cg::thread_block block = cg::this_thread_block();
  cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  next[threadIdx.x] = i < n ? x[i] : 0.0f;
  cg::synchronize(warp);
  cg::synchronize(block);
  if (i < n && threadIdx.x < 63)
    x[i] = next[threadIdx.x + 1];
}
