// cub::BlockExchange: items of a block from one arrangement to another, through shared memory.
#pragma once
#pragma GCC system_header
#include "../kverify_base.h"

namespace cub {

#define KV_CUB __device__ __forceinline__ KV_NODEBUG

template <class T, int x, int n, bool = false, int y = 1, int z = 1, int = 0> class BlockExchange {
  static constexpr int kThreads = x * y * z, kItems = kThreads * n;
  // One element of padding in 32 where a thread's items would fall on one bank.
  static constexpr bool kPadded = n > 4 && (n & (n - 1)) == 0;
  struct Shared {
    T values[kItems + (kPadded ? kItems / 32 : 0)];
  };

 public:
  struct alignas(16) TempStorage : Uninitialized<Shared> {};
  KV_CUB BlockExchange() : shared_(own()), rank_((int)kv::threadRank<x, y, z>()) {}
  KV_CUB BlockExchange(TempStorage& storage) : shared_(storage.Alias()), rank_((int)kv::threadRank<x, y, z>()) {}

  template <class U> KV_CUB void StripedToBlocked(const T (&in)[n], U (&out)[n]) {
    move(in, out, [&](int i) { return i * kThreads + rank_; }, [&](int i) { return rank_ * n + i; });
  }
  template <class U> KV_CUB void BlockedToStriped(const T (&in)[n], U (&out)[n]) {
    move(in, out, [&](int i) { return rank_ * n + i; }, [&](int i) { return i * kThreads + rank_; });
  }
  template <class U, class Rank> KV_CUB void ScatterToBlocked(const T (&in)[n], U (&out)[n], Rank (&ranks)[n]) {
    move(in, out, [&](int i) { return (int)ranks[i]; }, [&](int i) { return rank_ * n + i; });
  }
  template <class U, class Rank> KV_CUB void ScatterToStriped(const T (&in)[n], U (&out)[n], Rank (&ranks)[n]) {
    move(in, out, [&](int i) { return (int)ranks[i]; }, [&](int i) { return i * kThreads + rank_; });
  }
  KV_CUB void StripedToBlocked(T (&items)[n]) { StripedToBlocked(items, items); }
  KV_CUB void BlockedToStriped(T (&items)[n]) { BlockedToStriped(items, items); }

 private:
  static KV_CUB Shared& own() {
    __shared__ Uninitialized<Shared> storage;
    return storage.Alias();
  }
  static KV_CUB int padded(int at) { return kPadded ? at + at / 32 : at; }
  template <class U, class To, class From> KV_CUB void move(const T (&in)[n], U (&out)[n], To to, From from) {
#pragma unroll
    for (int i = 0; i < n; ++i) shared_.values[padded(to(i))] = in[i];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < n; ++i) out[i] = shared_.values[padded(from(i))];
  }
  Shared& shared_;
  int rank_;
};

#undef KV_CUB

}  // namespace cub
