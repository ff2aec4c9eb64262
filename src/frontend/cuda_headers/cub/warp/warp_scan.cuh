// cub::WarpScan: shuffles upwards by 1, 2, 4, ….
#pragma once
#pragma GCC system_header
#include "../kverify_base.h"

namespace cub {

template <class T, int width = 32, int = 0> class WarpScan {
  #define KV_CUB __device__ __forceinline__ KV_NODEBUG

 public:
  struct TempStorage : Uninitialized<NullType> {};
  KV_CUB WarpScan(TempStorage&) {}

  KV_CUB void InclusiveSum(T input, T& output) { InclusiveScan(input, output, cub::Sum()); }
  KV_CUB void InclusiveSum(T input, T& output, T& total) { InclusiveScan(input, output, cub::Sum(), total); }
  KV_CUB void ExclusiveSum(T input, T& output) { ExclusiveScan(input, output, T(0), cub::Sum()); }
  KV_CUB void ExclusiveSum(T input, T& output, T& total) { ExclusiveScan(input, output, T(0), cub::Sum(), total); }
  template <class Operation> KV_CUB void InclusiveScan(T input, T& output, Operation operation) {
    output = inclusive(input, operation);
  }
  template <class Operation> KV_CUB void InclusiveScan(T input, T& output, Operation operation, T& total) {
    output = inclusive(input, operation);
    total = Broadcast(output, width - 1);
  }
  template <class Operation> KV_CUB void ExclusiveScan(T input, T& output, Operation operation) {
    T all = inclusive(input, operation);
    output = before(input, all, operation);
  }
  template <class Operation> KV_CUB void ExclusiveScan(T input, T& output, T initial, Operation operation) {
    T all = inclusive(input, operation);
    output = beforeFrom(input, all, operation, initial);
  }
  template <class Operation> KV_CUB void ExclusiveScan(T input, T& output, Operation operation, T& total) {
    T all = inclusive(input, operation);
    total = Broadcast(all, width - 1);
    output = before(input, all, operation);
  }
  template <class Operation> KV_CUB void ExclusiveScan(T input, T& output, T initial, Operation operation, T& total) {
    T all = inclusive(input, operation);
    total = Broadcast(all, width - 1);
    output = beforeFrom(input, all, operation, initial);
  }
  template <class Operation> KV_CUB void Scan(T input, T& inclusive_output, T& exclusive_output, Operation operation) {
    inclusive_output = inclusive(input, operation);
    exclusive_output = before(input, inclusive_output, operation);
  }
  template <class Operation>
  KV_CUB void Scan(T input, T& inclusive_output, T& exclusive_output, T initial, Operation operation) {
    inclusive_output = inclusive(input, operation);
    exclusive_output = beforeFrom(input, inclusive_output, operation, initial);
  }
  KV_CUB T Broadcast(T input, unsigned lane) { return kv::from<width>(input, lane, kv::logicalMask<width>()); }

 private:
  template <class Operation> static KV_CUB T inclusive(T value, Operation operation) {
    unsigned lane = kv::logicalLane<width>();
#pragma unroll
    for (unsigned step = 1; step < (unsigned)width; step *= 2) {
      T below = kv::up<width>(value, step, kv::logicalMask<width>());
      if (lane >= step) value = operation(below, value);
    }
    return value;
  }
  // A sum of integers is taken back; anything else comes from the lane below.
  template <class Operation> static constexpr bool subtracts() {
    return std::is_integral<T>::value && std::is_same<Operation, cub::Sum>::value;
  }
  template <class Operation> static KV_CUB T before(T input, T all, Operation) {
    if constexpr (subtracts<Operation>()) return all - input;
    return kv::up<width>(all, 1, kv::logicalMask<width>());
  }
  template <class Operation> static KV_CUB T beforeFrom(T input, T& all, Operation operation, T initial) {
    all = operation(initial, all);
    if constexpr (subtracts<Operation>()) return all - input;
    T below = kv::up<width>(all, 1, kv::logicalMask<width>());
    return kv::logicalLane<width>() == 0 ? initial : below;
  }
  #undef KV_CUB
};

}  // namespace cub
