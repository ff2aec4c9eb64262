// cub::WarpReduce: shuffles downwards by 1, 2, 4, …; lane 0 gets the result.
#pragma once
#pragma GCC system_header
#include "../kverify_base.h"

namespace cub {

template <class T, int width = 32, int = 0> class WarpReduce {
 public:
  struct TempStorage : Uninitialized<NullType> {};
  __device__ __forceinline__ KV_NODEBUG WarpReduce(TempStorage&) {}

  __device__ __forceinline__ KV_NODEBUG T Sum(T input) { return Reduce(input, cub::Sum()); }
  __device__ __forceinline__ KV_NODEBUG T Sum(T input, int valid) { return Reduce(input, cub::Sum(), valid); }
  __device__ __forceinline__ KV_NODEBUG T Max(T input) { return Reduce(input, cub::Max()); }
  __device__ __forceinline__ KV_NODEBUG T Max(T input, int valid) { return Reduce(input, cub::Max(), valid); }
  __device__ __forceinline__ KV_NODEBUG T Min(T input) { return Reduce(input, cub::Min()); }
  __device__ __forceinline__ KV_NODEBUG T Min(T input, int valid) { return Reduce(input, cub::Min(), valid); }
  template <class Operation> __device__ __forceinline__ KV_NODEBUG T Reduce(T input, Operation operation) {
    return reduceTo(input, operation, width - 1);
  }
  template <class Operation> __device__ __forceinline__ KV_NODEBUG T Reduce(T input, Operation operation, int valid) {
    return reduceTo(input, operation, valid - 1);
  }
  template <class Flag> __device__ __forceinline__ KV_NODEBUG T HeadSegmentedSum(T input, Flag head) {
    return HeadSegmentedReduce(input, head, cub::Sum());
  }
  template <class Flag> __device__ __forceinline__ KV_NODEBUG T TailSegmentedSum(T input, Flag tail) {
    return TailSegmentedReduce(input, tail, cub::Sum());
  }
  template <class Flag, class Operation>
  __device__ __forceinline__ KV_NODEBUG T HeadSegmentedReduce(T input, Flag head, Operation operation) {
    return reduceTo(input, operation, lastOf(__ballot_sync(kv::logicalMask<width>(), head) >> 1));
  }
  template <class Flag, class Operation>
  __device__ __forceinline__ KV_NODEBUG T TailSegmentedReduce(T input, Flag tail, Operation operation) {
    return reduceTo(input, operation, lastOf(__ballot_sync(kv::logicalMask<width>(), tail)));
  }

 private:
  // The last lane of the segment that this one is in, from a flag at each segment's last lane.
  static __device__ __forceinline__ KV_NODEBUG int lastOf(unsigned flags) {
    flags &= ~kverify_detail::lanesBelow();
    constexpr bool is_power = (width & (width - 1)) == 0;
    if (is_power && width < 32) flags = (flags & kv::logicalMask<width>()) >> (kverify_detail::laneId() / width * width);
    flags |= 1u << (width - 1);
    return __ffs(flags) - 1;
  }
  template <class Operation> static __device__ __forceinline__ KV_NODEBUG T reduceTo(T value, Operation operation, int last) {
    int lane = (int)kv::logicalLane<width>();
#pragma unroll
    for (int step = 1; step < width; step *= 2) {
      T other = kv::down<width>(value, step, kv::logicalMask<width>());
      if (lane + step <= last) value = operation(value, other);
    }
    return value;
  }
};
template <class T, int arch> class WarpReduce<T, 1, arch> {
 public:
  struct TempStorage : Uninitialized<NullType> {};
  __device__ __forceinline__ KV_NODEBUG WarpReduce(TempStorage&) {}
  __device__ __forceinline__ KV_NODEBUG T Sum(T input, int = 1) { return input; }
  template <class Operation> __device__ __forceinline__ KV_NODEBUG T Reduce(T input, Operation, int = 1) { return input; }
};

}  // namespace cub
