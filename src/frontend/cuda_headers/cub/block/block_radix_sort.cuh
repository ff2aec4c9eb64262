// cub::BlockRadixSort: keys of a block, with or without values, in order. A stable sort has one result, so how it is done is
// free: one bit after the other, each a scan of how many items have it.
#pragma once
#pragma GCC system_header
#include "block_exchange.cuh"
#include "block_scan.cuh"

namespace cub {

#define KV_CUB __device__ __forceinline__ KV_NODEBUG

namespace kv {

// Keys as unsigned integers that compare alike.
template <int bytes> struct UnsignedOf;
template <> struct UnsignedOf<1> { using type = unsigned char; };
template <> struct UnsignedOf<2> { using type = unsigned short; };
template <> struct UnsignedOf<4> { using type = unsigned; };
template <> struct UnsignedOf<8> { using type = unsigned long long; };
template <class Key> using BitsOf = typename UnsignedOf<sizeof(Key)>::type;
template <class Key> KV_CUB BitsOf<Key> sortable(Key key) {
  using Bits = BitsOf<Key>;
  constexpr Bits sign = (Bits)((Bits)1 << (8 * sizeof(Bits) - 1));
  Bits bits;
  __builtin_memcpy(&bits, &key, sizeof(Key));
  if constexpr (std::is_integral<Key>::value)
    return std::is_signed<Key>::value ? (Bits)(bits ^ sign) : bits;
  else if (bits == sign)
    bits = 0;  // -0 sorts as 0
  return bits & sign ? (Bits)~bits : (Bits)(bits ^ sign);
}

}  // namespace kv

template <class Key, int x, int n, class Value = NullType, int = 4, bool = true, BlockScanAlgorithm = BLOCK_SCAN_WARP_SCANS,
          int = 0, int y = 1, int z = 1, int = 0>
class BlockRadixSort {
  static constexpr int kThreads = x * y * z;
  static constexpr bool kHasValues = !std::is_same<Value, NullType>::value;
  using Scan = BlockScan<int, x, BLOCK_SCAN_RAKING, y, z>;
  using KeyExchange = BlockExchange<Key, x, n, false, y, z>;
  using ValueExchange = BlockExchange<Value, x, n, false, y, z>;
  union Shared {
    typename Scan::TempStorage scan;
    typename KeyExchange::TempStorage keys;
    typename ValueExchange::TempStorage values;
  };

 public:
  struct TempStorage : Uninitialized<Shared> {};
  KV_CUB BlockRadixSort() : shared_(own()) {}
  KV_CUB BlockRadixSort(TempStorage& storage) : shared_(storage.Alias()) {}

  KV_CUB void Sort(Key (&keys)[n], int begin = 0, int end = 8 * sizeof(Key)) { sort<false>(keys, nothing(), begin, end); }
  KV_CUB void Sort(Key (&keys)[n], Value (&values)[n], int begin = 0, int end = 8 * sizeof(Key)) {
    sort<false>(keys, values, begin, end);
  }
  KV_CUB void SortDescending(Key (&keys)[n], int begin = 0, int end = 8 * sizeof(Key)) {
    sort<true>(keys, nothing(), begin, end);
  }
  KV_CUB void SortDescending(Key (&keys)[n], Value (&values)[n], int begin = 0, int end = 8 * sizeof(Key)) {
    sort<true>(keys, values, begin, end);
  }
  KV_CUB void SortBlockedToStriped(Key (&keys)[n], int begin = 0, int end = 8 * sizeof(Key)) {
    sort<false>(keys, nothing(), begin, end);
    stripe(keys, nothing());
  }
  KV_CUB void SortBlockedToStriped(Key (&keys)[n], Value (&values)[n], int begin = 0, int end = 8 * sizeof(Key)) {
    sort<false>(keys, values, begin, end);
    stripe(keys, values);
  }
  KV_CUB void SortDescendingBlockedToStriped(Key (&keys)[n], int begin = 0, int end = 8 * sizeof(Key)) {
    sort<true>(keys, nothing(), begin, end);
    stripe(keys, nothing());
  }
  KV_CUB void SortDescendingBlockedToStriped(Key (&keys)[n], Value (&values)[n], int begin = 0, int end = 8 * sizeof(Key)) {
    sort<true>(keys, values, begin, end);
    stripe(keys, values);
  }

 private:
  using Nothing = Value[n];
  static KV_CUB Shared& own() {
    __shared__ Uninitialized<Shared> storage;
    return storage.Alias();
  }
  KV_CUB Nothing& nothing() { return nothing_; }
  template <bool is_descending> KV_CUB void sort(Key (&keys)[n], Value (&values)[n], int begin, int end) {
    for (int bit = begin; bit < end; ++bit) {
      int ones[n], ranks[n], total_ones;
#pragma unroll
      for (int i = 0; i < n; ++i) {
        int one = (int)(kv::sortable(keys[i]) >> bit & 1);
        ones[i] = is_descending ? 1 - one : one;
      }
      int before[n];
      __syncthreads();
      Scan(shared_.scan).ExclusiveSum(ones, before, total_ones);
      const int rank = (int)kv::threadRank<x, y, z>(), zeros = kThreads * n - total_ones;
#pragma unroll
      for (int i = 0; i < n; ++i) ranks[i] = ones[i] ? zeros + before[i] : rank * n + i - before[i];
      __syncthreads();
      KeyExchange(shared_.keys).ScatterToBlocked(keys, keys, ranks);
      if constexpr (kHasValues) {
        __syncthreads();
        ValueExchange(shared_.values).ScatterToBlocked(values, values, ranks);
      }
    }
  }
  KV_CUB void stripe(Key (&keys)[n], Value (&values)[n]) {
    __syncthreads();
    KeyExchange(shared_.keys).BlockedToStriped(keys, keys);
    if constexpr (kHasValues) {
      __syncthreads();
      ValueExchange(shared_.values).BlockedToStriped(values, values);
    }
  }
  Shared& shared_;
  Nothing nothing_;
};

#undef KV_CUB

}  // namespace cub
