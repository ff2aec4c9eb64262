// Cooperative groups and asynchronous copies.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cuda_pipeline.h>

namespace cg = cooperative_groups;

template <unsigned count> __device__ float tile(cg::thread_block block, float v, int* i) {
  auto t = cg::tiled_partition<count>(block);
  v += t.shfl(v, 0) + t.shfl_up(v, 1) + t.shfl_down(v, 1) + t.shfl_xor(v, 1);
  i[0] += t.any(v > 0) + t.all(v > 0) + (int)t.ballot(v > 0) + (int)t.match_any((int)v);
  i[1] += (int)(t.size() + t.num_threads() + t.thread_rank() + t.meta_group_rank() + t.meta_group_size());
  t.sync();
  v = cg::reduce(t, v, cg::plus<float>());
  v = cg::reduce(t, v, cg::less<float>()) + cg::reduce(t, v, cg::greater<float>());
  i[2] = cg::reduce(t, i[2], cg::bit_and<int>()) | cg::reduce(t, i[2], cg::bit_or<int>());
  return cg::inclusive_scan(t, v) + cg::exclusive_scan(t, v, cg::plus<float>());
}

// Any tile of 32, whatever it was cut from.
__device__ float total(cg::thread_block_tile<32> warp, float v) {
  for (int step = warp.size() / 2; step > 0; step /= 2) v += warp.shfl_xor(v, step);
  return v + (float)warp.meta_group_rank();
}

__global__ void groups(float* f, int* i) {
  cg::thread_block block = cg::this_thread_block();
  i += 8 * threadIdx.x;
  cg::grid_group grid = cg::this_grid();
  float v = f[block.thread_rank()] + (float)block.group_index().x + (float)block.thread_index().y;
  v = tile<32>(block, v, i) + tile<16>(block, v, i) + tile<4>(block, v, i);
  auto active = cg::coalesced_threads();
  v += active.shfl(v, 0) + active.shfl_down(v, 1) + active.shfl_up(v, 1) + (float)active.size();
  v = cg::reduce(active, v, cg::plus<float>());
  i[3] = active.any(v > 0) + active.all(v > 0) + (int)active.ballot(v > 0) + (int)active.thread_rank();
  auto inner = cg::tiled_partition<8>(cg::tiled_partition<32>(block));
  v += inner.shfl(v, 0);
  v += total(cg::tiled_partition<32>(block), v);
  cg::sync(block);
  block.sync();
  f[grid.thread_rank()] = v + (float)grid.size() + (float)grid.block_rank() + (float)grid.num_blocks();
}

__global__ void copies(const float* from, float* to) {
  __shared__ __align__(16) float s[512];
  auto block = cg::this_thread_block();
  cg::memcpy_async(block, s, from, sizeof(float) * 256);
  cg::wait(block);
  __pipeline_memcpy_async(&s[256 + threadIdx.x * 4], &from[threadIdx.x * 4], 16);
  __pipeline_memcpy_async(&s[300], &from[2], 8);
  __pipeline_memcpy_async(&s[301], &from[3], 4, 4);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  __syncthreads();
  unsigned at = (unsigned)__cvta_generic_to_shared(s + 8);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;\n" ::"r"(at), "l"(from));
  asm volatile("cp.async.commit_group;\n" ::);
  asm volatile("cp.async.wait_group %0;\n" ::"n"(0));
  to[threadIdx.x] = s[threadIdx.x];
}
