// kverify: expect=certified kernel=sorted block=64 grid=1
// A stable sort has one result: keys ascend, and of equal ones the values, which are ranks, ascend too.
#include <cassert>
#include <cub/block/block_radix_sort.cuh>

__global__ void sorted(const int* in, int* out) {
  using Sort = cub::BlockRadixSort<int, 64, 2, int>;
  __shared__ typename Sort::TempStorage storage;
  __shared__ int keys[128], ranks[128];
  int t = threadIdx.x;
  int key[2] = {in[2 * t] * 37 % 11 - 5, in[2 * t + 1] * 91 % 7 - 3}, rank[2] = {2 * t, 2 * t + 1};
  Sort(storage).Sort(key, rank);
  for (int i = 0; i < 2; ++i) keys[2 * t + i] = key[i], ranks[2 * t + i] = rank[i];
  __syncthreads();
  for (int i = 2 * t; i < 2 * t + 2 && i < 127; ++i) {
    assert(keys[i] < keys[i + 1] || (keys[i] == keys[i + 1] && ranks[i] < ranks[i + 1]));
    out[i] = keys[i];
  }
}
