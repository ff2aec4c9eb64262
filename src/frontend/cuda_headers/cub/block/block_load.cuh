// cub::BlockLoad and cub::BlockStore: blocked, striped, and by way of shared memory from one to the other.
#pragma once
#pragma GCC system_header
#include "block_exchange.cuh"

namespace cub {

#define KV_CUB __device__ __forceinline__ KV_NODEBUG

enum BlockLoadAlgorithm {
  BLOCK_LOAD_DIRECT,
  BLOCK_LOAD_STRIPED,
  BLOCK_LOAD_VECTORIZE,
  BLOCK_LOAD_TRANSPOSE,
  BLOCK_LOAD_WARP_TRANSPOSE,
  BLOCK_LOAD_WARP_TRANSPOSE_TIMESLICED
};
enum BlockStoreAlgorithm {
  BLOCK_STORE_DIRECT,
  BLOCK_STORE_STRIPED,
  BLOCK_STORE_VECTORIZE,
  BLOCK_STORE_TRANSPOSE,
  BLOCK_STORE_WARP_TRANSPOSE,
  BLOCK_STORE_WARP_TRANSPOSE_TIMESLICED
};

template <class T, int n, class It> KV_CUB void LoadDirectBlocked(int rank, It from, T (&items)[n]) {
#pragma unroll
  for (int i = 0; i < n; ++i) items[i] = from[rank * n + i];
}
template <class T, int n, class It> KV_CUB void LoadDirectBlocked(int rank, It from, T (&items)[n], int valid) {
#pragma unroll
  for (int i = 0; i < n; ++i)
    if (rank * n + i < valid) items[i] = from[rank * n + i];
}
template <class T, class D, int n, class It> KV_CUB void LoadDirectBlocked(int rank, It from, T (&items)[n], int valid, D other) {
#pragma unroll
  for (int i = 0; i < n; ++i) items[i] = rank * n + i < valid ? (T)from[rank * n + i] : (T)other;
}
template <int threads, class T, int n, class It> KV_CUB void LoadDirectStriped(int rank, It from, T (&items)[n]) {
#pragma unroll
  for (int i = 0; i < n; ++i) items[i] = from[rank + i * threads];
}
template <int threads, class T, int n, class It> KV_CUB void LoadDirectStriped(int rank, It from, T (&items)[n], int valid) {
#pragma unroll
  for (int i = 0; i < n; ++i)
    if (rank + i * threads < valid) items[i] = from[rank + i * threads];
}
template <int threads, class T, class D, int n, class It>
KV_CUB void LoadDirectStriped(int rank, It from, T (&items)[n], int valid, D other) {
#pragma unroll
  for (int i = 0; i < n; ++i) items[i] = rank + i * threads < valid ? (T)from[rank + i * threads] : (T)other;
}
template <class T, int n, class It> KV_CUB void StoreDirectBlocked(int rank, It to, T (&items)[n]) {
#pragma unroll
  for (int i = 0; i < n; ++i) to[rank * n + i] = items[i];
}
template <class T, int n, class It> KV_CUB void StoreDirectBlocked(int rank, It to, T (&items)[n], int valid) {
#pragma unroll
  for (int i = 0; i < n; ++i)
    if (rank * n + i < valid) to[rank * n + i] = items[i];
}
template <int threads, class T, int n, class It> KV_CUB void StoreDirectStriped(int rank, It to, T (&items)[n]) {
#pragma unroll
  for (int i = 0; i < n; ++i) to[rank + i * threads] = items[i];
}
template <int threads, class T, int n, class It> KV_CUB void StoreDirectStriped(int rank, It to, T (&items)[n], int valid) {
#pragma unroll
  for (int i = 0; i < n; ++i)
    if (rank + i * threads < valid) to[rank + i * threads] = items[i];
}

template <class T, int x, int n, BlockLoadAlgorithm algorithm = BLOCK_LOAD_DIRECT, int y = 1, int z = 1, int = 0>
class BlockLoad {
  static constexpr int kThreads = x * y * z;
  static constexpr bool kStriped = algorithm == BLOCK_LOAD_STRIPED;
  static constexpr bool kTransposed = algorithm >= BLOCK_LOAD_TRANSPOSE;
  using Exchange = BlockExchange<T, x, n, false, y, z>;
  struct Nothing {};
  using Shared = typename std::conditional<kTransposed, typename Exchange::TempStorage, Uninitialized<NullType>>::type;

 public:
  struct TempStorage : Uninitialized<Shared> {};
  KV_CUB BlockLoad() : shared_(own()), rank_((int)kv::threadRank<x, y, z>()) {}
  KV_CUB BlockLoad(TempStorage& storage) : shared_(storage.Alias()), rank_((int)kv::threadRank<x, y, z>()) {}
  template <class It> KV_CUB void Load(It from, T (&items)[n]) {
    if constexpr (kStriped || kTransposed) LoadDirectStriped<kThreads>(rank_, from, items);
    else LoadDirectBlocked(rank_, from, items);
    transpose(items);
  }
  template <class It> KV_CUB void Load(It from, T (&items)[n], int valid) {
    if constexpr (kStriped || kTransposed) LoadDirectStriped<kThreads>(rank_, from, items, valid);
    else LoadDirectBlocked(rank_, from, items, valid);
    transpose(items);
  }
  template <class It, class D> KV_CUB void Load(It from, T (&items)[n], int valid, D other) {
    if constexpr (kStriped || kTransposed) LoadDirectStriped<kThreads>(rank_, from, items, valid, other);
    else LoadDirectBlocked(rank_, from, items, valid, other);
    transpose(items);
  }

 private:
  static KV_CUB Shared& own() {
    __shared__ Uninitialized<Shared> storage;
    return storage.Alias();
  }
  KV_CUB void transpose(T (&items)[n]) {
    if constexpr (kTransposed) Exchange(shared_).StripedToBlocked(items, items);
  }
  Shared& shared_;
  int rank_;
};

template <class T, int x, int n, BlockStoreAlgorithm algorithm = BLOCK_STORE_DIRECT, int y = 1, int z = 1, int = 0>
class BlockStore {
  static constexpr int kThreads = x * y * z;
  static constexpr bool kStriped = algorithm == BLOCK_STORE_STRIPED;
  static constexpr bool kTransposed = algorithm >= BLOCK_STORE_TRANSPOSE;
  using Exchange = BlockExchange<T, x, n, false, y, z>;
  using Shared = typename std::conditional<kTransposed, typename Exchange::TempStorage, Uninitialized<NullType>>::type;

 public:
  struct TempStorage : Uninitialized<Shared> {};
  KV_CUB BlockStore() : shared_(own()), rank_((int)kv::threadRank<x, y, z>()) {}
  KV_CUB BlockStore(TempStorage& storage) : shared_(storage.Alias()), rank_((int)kv::threadRank<x, y, z>()) {}
  template <class It> KV_CUB void Store(It to, T (&items)[n]) { store(to, items, kThreads * n); }
  template <class It> KV_CUB void Store(It to, T (&items)[n], int valid) { store(to, items, valid); }

 private:
  static KV_CUB Shared& own() {
    __shared__ Uninitialized<Shared> storage;
    return storage.Alias();
  }
  template <class It> KV_CUB void store(It to, T (&items)[n], int valid) {
    if constexpr (kTransposed) Exchange(shared_).BlockedToStriped(items, items);
    if constexpr (kStriped || kTransposed) StoreDirectStriped<kThreads>(rank_, to, items, valid);
    else StoreDirectBlocked(rank_, to, items, valid);
  }
  Shared& shared_;
  int rank_;
};

#undef KV_CUB

}  // namespace cub
