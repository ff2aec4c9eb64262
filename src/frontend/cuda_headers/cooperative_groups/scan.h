// cooperative_groups::inclusive_scan and exclusive_scan over tiles and coalesced groups.
#pragma once
#pragma GCC system_header
#include "reduce.h"

namespace cooperative_groups {

template <class Group, class T, class Operation>
KV_DEVICE T inclusive_scan(const Group& group, T value, Operation&& operation) {
  for (unsigned step = 1; step < group.num_threads(); step *= 2) {
    T below = group.shfl_up(value, step);
    if (group.thread_rank() >= step) value = operation(below, value);
  }
  return value;
}
template <class Group, class T> KV_DEVICE T inclusive_scan(const Group& group, T value) {
  return inclusive_scan(group, value, plus<T>());
}
template <class Group, class T, class Operation>
KV_DEVICE T exclusive_scan(const Group& group, T value, Operation&& operation) {
  T below = group.shfl_up(inclusive_scan(group, value, operation), 1);
  return group.thread_rank() == 0 ? T() : below;
}
template <class Group, class T> KV_DEVICE T exclusive_scan(const Group& group, T value) {
  return exclusive_scan(group, value, plus<T>());
}

}  // namespace cooperative_groups
