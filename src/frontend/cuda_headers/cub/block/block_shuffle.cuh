// cub::BlockShuffle, BlockDiscontinuity and BlockAdjacentDifference: a thread's neighbours, through shared memory.
#pragma once
#pragma GCC system_header
#include "../kverify_base.h"

namespace cub {

#define KV_CUB __device__ __forceinline__ KV_NODEBUG

template <class T, int x, int y = 1, int z = 1, int = 0> class BlockShuffle {
  static constexpr int kThreads = x * y * z;
  struct Shared {
    T values[kThreads];
  };

 public:
  struct TempStorage : Uninitialized<Shared> {};
  KV_CUB BlockShuffle(TempStorage& storage) : shared_(storage.Alias()), rank_((int)kv::threadRank<x, y, z>()) {}
  // Past the block's ends the output stays as it is.
  KV_CUB void Offset(T input, T& output, int distance = 1) {
    put(input);
    int from = rank_ + distance;
    if (from >= 0 && from < kThreads) output = shared_.values[from];
  }
  KV_CUB void Rotate(T input, T& output, unsigned distance = 1) {
    put(input);
    unsigned from = rank_ + distance;
    output = shared_.values[from >= (unsigned)kThreads ? from - kThreads : from];
  }
  template <int n> KV_CUB void Up(T (&input)[n], T (&previous)[n]) {
    put(input[n - 1]);
#pragma unroll
    for (int i = n - 1; i > 0; --i) previous[i] = input[i - 1];
    if (rank_ > 0) previous[0] = shared_.values[rank_ - 1];
  }
  template <int n> KV_CUB void Down(T (&input)[n], T (&next)[n]) {
    put(input[0]);
#pragma unroll
    for (int i = 0; i < n - 1; ++i) next[i] = input[i + 1];
    if (rank_ < kThreads - 1) next[n - 1] = shared_.values[rank_ + 1];
  }

 private:
  KV_CUB void put(T value) {
    shared_.values[rank_] = value;
    __syncthreads();
  }
  Shared& shared_;
  int rank_;
};

template <class T, int x, int y = 1, int z = 1, int = 0> class BlockDiscontinuity {
  static constexpr int kThreads = x * y * z;
  struct Shared {
    T first[kThreads], last[kThreads];
  };

 public:
  struct TempStorage : Uninitialized<Shared> {};
  KV_CUB BlockDiscontinuity(TempStorage& storage) : shared_(storage.Alias()), rank_((int)kv::threadRank<x, y, z>()) {}
  template <int n, class Flag, class Op> KV_CUB void FlagHeads(Flag (&heads)[n], T (&input)[n], Op op) {
    put(input);
#pragma unroll
    for (int i = n - 1; i > 0; --i) heads[i] = op(input[i - 1], input[i]);
    heads[0] = rank_ == 0 ? 1 : (int)op(shared_.last[rank_ - 1], input[0]);
  }
  template <int n, class Flag, class Op> KV_CUB void FlagTails(Flag (&tails)[n], T (&input)[n], Op op) {
    put(input);
#pragma unroll
    for (int i = 0; i < n - 1; ++i) tails[i] = op(input[i], input[i + 1]);
    tails[n - 1] = rank_ == kThreads - 1 ? 1 : (int)op(input[n - 1], shared_.first[rank_ + 1]);
  }

 private:
  template <int n> KV_CUB void put(T (&input)[n]) {
    shared_.first[rank_] = input[0];
    shared_.last[rank_] = input[n - 1];
    __syncthreads();
  }
  Shared& shared_;
  int rank_;
};

#undef KV_CUB

}  // namespace cub
