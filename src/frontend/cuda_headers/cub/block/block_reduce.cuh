// cub::BlockReduce. Thread 0 gets the result; sums are taken in the toolkit's order, so that they round alike.
#pragma once
#pragma GCC system_header
#include "../warp/warp_reduce.cuh"

namespace cub {

enum BlockReduceAlgorithm {
  BLOCK_REDUCE_RAKING_COMMUTATIVE_ONLY,
  BLOCK_REDUCE_RAKING,
  BLOCK_REDUCE_WARP_REDUCTIONS,
  BLOCK_REDUCE_WARP_REDUCTIONS_NONDETERMINISTIC
};

// Each warp reduces, then thread 0 adds up the warps' results one after the other. (Raking groups neighbours first: for an
// operation that rounds, its last bits may differ.)
template <class T, int x, BlockReduceAlgorithm = BLOCK_REDUCE_WARP_REDUCTIONS, int y = 1, int z = 1, int = 0>
class BlockReduce {
  #define KV_CUB __device__ __forceinline__ KV_NODEBUG
  static constexpr int kThreads = x * y * z, kWidth = kThreads < 32 ? kThreads : 32, kWarps = (kThreads + 31) / 32;
  struct Shared {
    typename WarpReduce<T, kWidth>::TempStorage warp_reduce[kWarps];
    T warp_results[kWarps];
    T block_prefix;
  };

 public:
  struct TempStorage : Uninitialized<Shared> {};
  KV_CUB BlockReduce() : shared_(own()), rank_(kv::threadRank<x, y, z>()) {}
  KV_CUB BlockReduce(TempStorage& storage) : shared_(storage.Alias()), rank_(kv::threadRank<x, y, z>()) {}

  KV_CUB T Sum(T input) { return reduce(input, cub::Sum(), kThreads); }
  KV_CUB T Sum(T input, int valid) { return reduce(input, cub::Sum(), valid); }
  template <int n> KV_CUB T Sum(T (&items)[n]) { return reduce(kv::fold(items, cub::Sum()), cub::Sum(), kThreads); }
  template <class Operation> KV_CUB T Reduce(T input, Operation operation) { return reduce(input, operation, kThreads); }
  template <class Operation> KV_CUB T Reduce(T input, Operation operation, int valid) {
    return reduce(input, operation, valid);
  }
  template <int n, class Operation> KV_CUB T Reduce(T (&items)[n], Operation operation) {
    return reduce(kv::fold(items, operation), operation, kThreads);
  }

 private:
  static KV_CUB Shared& own() {
    __shared__ Uninitialized<Shared> storage;
    return storage.Alias();
  }
  template <class Operation> KV_CUB T reduce(T input, Operation operation, int valid) {
    const int warp = kWarps == 1 ? 0 : (int)rank_ / 32, lane = (int)kv::logicalLane<32>();
    const int here = valid - warp * kWidth < kWidth ? valid - warp * kWidth : kWidth;
    T result = WarpReduce<T, kWidth>(shared_.warp_reduce[warp]).Reduce(input, operation, here);
    if (lane == 0) shared_.warp_results[warp] = result;
    __syncthreads();
    if (rank_ == 0) {
#pragma unroll
      for (int other = 1; other < kWarps; ++other)
        if (other * kWidth < valid) result = operation(result, shared_.warp_results[other]);
    }
    return result;
  }

  Shared& shared_;
  unsigned rank_;
  #undef KV_CUB
};

}  // namespace cub
