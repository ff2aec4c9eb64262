// cooperative_groups::reduce over tiles and coalesced groups.
#pragma once
#pragma GCC system_header
#include "../cooperative_groups.h"

namespace cooperative_groups {

#define KV_OPERATION(name, expression)                                                          \
  template <class T = void> struct name {                                                       \
    __device__ __forceinline__ KV_NODEBUG T operator()(T a, T b) const { return expression; }   \
  };
KV_OPERATION(plus, a + b) KV_OPERATION(less, b < a ? b : a) KV_OPERATION(greater, a < b ? b : a)
KV_OPERATION(bit_and, a & b) KV_OPERATION(bit_or, a | b) KV_OPERATION(bit_xor, a ^ b)
#undef KV_OPERATION

// A butterfly: every thread gets the result.
template <unsigned count, class Parent, class T, class Operation>
KV_DEVICE T reduce(const thread_block_tile<count, Parent>& group, T value, Operation&& operation) {
#pragma unroll
  for (unsigned step = count / 2; step > 0; step /= 2) value = operation(value, group.shfl_xor(value, step));
  return value;
}
template <class T, class Operation>
KV_DEVICE T reduce(const coalesced_group& group, T value, Operation&& operation) {
  T result = group.shfl(value, 0);
  for (unsigned rank = 1; rank < group.num_threads(); ++rank) result = operation(result, group.shfl(value, (int)rank));
  return result;
}

}  // namespace cooperative_groups
