// cooperative_groups::memcpy_async from global to shared memory, by cp.async where size and alignment allow.
#pragma once
#pragma GCC system_header
#include "../cooperative_groups.h"
#include "../kverify/async_copy.h"

namespace cooperative_groups {
namespace details {

// Every thread takes each num_threads-th chunk. Chunks are as large as the addresses' common alignment allows.
template <class Group> KV_DEVICE void copyAsync(const Group& group, void* to, const void* from, size_t bytes) {
  unsigned both = (unsigned)(size_t)to | (unsigned)(size_t)from | (unsigned)bytes;
  unsigned chunk = (both & 15) == 0 ? 16 : (both & 7) == 0 ? 8 : (both & 3) == 0 ? 4 : 1;
  for (size_t at = (size_t)group.thread_rank() * chunk; at < bytes; at += (size_t)group.num_threads() * chunk) {
    if (chunk == 1) ((char*)to)[at] = ((const char*)from)[at];
    else kverify_copy_async((char*)to + at, (const char*)from + at, chunk, chunk);
  }
  __nvvm_cp_async_commit_group();
}
}  // namespace details

template <class Group, class To, class From>
KV_DEVICE void memcpy_async(const Group& group, To* to, const From* from, size_t bytes) {
  details::copyAsync(group, to, from, bytes);
}
template <class Group, class To, class From>
KV_DEVICE void memcpy_async(const Group& group, To* to, size_t to_count, const From* from, size_t from_count) {
  size_t count = to_count < from_count ? to_count : from_count;
  details::copyAsync(group, to, from, count * sizeof(To));
}
template <class Group> KV_DEVICE void wait(const Group& group) {
  kverify_wait_async(0);
  group.sync();
}
template <unsigned groups_left, class Group> KV_DEVICE void wait_prior(const Group& group) {
  kverify_wait_async(groups_left);
  group.sync();
}

}  // namespace cooperative_groups
