// Cooperative groups: the block, its tiles, the active threads, and the ranks of the grid.
#pragma once
#pragma GCC system_header
#include "cuda_runtime.h"
#include "kverify/lane_move.h"

// A grid-wide barrier needs a cooperative launch; the executor names this function when a kernel calls it.
extern "C" __device__ void cudaCGSynchronizeGrid();

namespace cooperative_groups {

#define KV_MEMBER __device__ __forceinline__ KV_NODEBUG

namespace details {
KV_DEVICE unsigned threadsOfBlock() {
  return __nvvm_read_ptx_sreg_ntid_x() * __nvvm_read_ptx_sreg_ntid_y() * __nvvm_read_ptx_sreg_ntid_z();
}
KV_DEVICE unsigned rankInBlock() {
  return (__nvvm_read_ptx_sreg_tid_z() * __nvvm_read_ptx_sreg_ntid_y() + __nvvm_read_ptx_sreg_tid_y()) *
             __nvvm_read_ptx_sreg_ntid_x() + __nvvm_read_ptx_sreg_tid_x();
}
}  // namespace details

// Any group by its kind, for functions that take all of them.
class thread_group {
 public:
  enum class Kind : unsigned char { Block, Lanes };
  KV_MEMBER thread_group(Kind kind, unsigned mask, unsigned count, unsigned rank)
      : kind_(kind), mask_(mask), count_(count), rank_(rank) {}
  KV_MEMBER unsigned long long size() const { return count_; }
  KV_MEMBER unsigned long long num_threads() const { return count_; }
  KV_MEMBER unsigned long long thread_rank() const { return rank_; }
  KV_MEMBER bool is_valid() const { return true; }
  KV_MEMBER void sync() const {
    if (kind_ == Kind::Block) __syncthreads();
    else __nvvm_bar_warp_sync(mask_);
  }
  KV_MEMBER unsigned lanes() const { return mask_; }

 private:
  Kind kind_;
  unsigned mask_, count_, rank_;
};

class thread_block {
 public:
  KV_MEMBER static void sync() { __syncthreads(); }
  KV_MEMBER static unsigned size() { return details::threadsOfBlock(); }
  KV_MEMBER static unsigned num_threads() { return details::threadsOfBlock(); }
  KV_MEMBER static unsigned thread_rank() { return details::rankInBlock(); }
  KV_MEMBER static dim3 group_index() { return dim3(blockIdx.x, blockIdx.y, blockIdx.z); }
  KV_MEMBER static dim3 thread_index() { return dim3(threadIdx.x, threadIdx.y, threadIdx.z); }
  KV_MEMBER static dim3 group_dim() { return dim3(blockDim.x, blockDim.y, blockDim.z); }
  KV_MEMBER static dim3 dim_threads() { return group_dim(); }
  KV_MEMBER operator thread_group() const {
    return thread_group(thread_group::Kind::Block, 0, num_threads(), thread_rank());
  }
};
KV_DEVICE thread_block this_thread_block() { return thread_block(); }

class grid_group {
 public:
  KV_MEMBER static bool is_valid() { return true; }
  KV_MEMBER static void sync() { cudaCGSynchronizeGrid(); }
  KV_MEMBER static dim3 group_dim() { return dim3(gridDim.x, gridDim.y, gridDim.z); }
  KV_MEMBER static dim3 dim_blocks() { return group_dim(); }
  KV_MEMBER static dim3 block_index() { return dim3(blockIdx.x, blockIdx.y, blockIdx.z); }
  KV_MEMBER static unsigned long long num_blocks() {
    return (unsigned long long)gridDim.x * gridDim.y * gridDim.z;
  }
  KV_MEMBER static unsigned long long block_rank() {
    return ((unsigned long long)blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  }
  KV_MEMBER static unsigned long long num_threads() { return num_blocks() * details::threadsOfBlock(); }
  KV_MEMBER static unsigned long long size() { return num_threads(); }
  KV_MEMBER static unsigned long long thread_rank() {
    return block_rank() * details::threadsOfBlock() + details::rankInBlock();
  }
};
KV_DEVICE grid_group this_grid() { return grid_group(); }

// A power of two of neighbouring lanes, at most a warp. thread_block_tile<N> is any such tile, whatever it was cut
// from.
template <unsigned count, class Parent = void> class thread_block_tile;
template <unsigned count> class thread_block_tile<count, void> {
  static_assert(count > 0 && count <= 32 && (count & (count - 1)) == 0,
                "a tile is a power of two of at most 32 threads");

 public:
  KV_MEMBER static constexpr unsigned num_threads() { return count; }
  KV_MEMBER static constexpr unsigned size() { return count; }
  KV_MEMBER static unsigned thread_rank() { return details::rankInBlock() & (count - 1); }
  KV_MEMBER unsigned long long meta_group_rank() const { return meta_rank_; }
  KV_MEMBER unsigned long long meta_group_size() const { return meta_size_; }
  KV_MEMBER static unsigned lanes() {
    if (count == 32) return 0xffffffffu;
    return ((1u << (count & 31)) - 1u) << (kverify_detail::laneId() & ~(count - 1));
  }
  KV_MEMBER static void sync() { __nvvm_bar_warp_sync(lanes()); }
  template <class T> KV_MEMBER T shfl(T value, int rank) const {
    return kverify_detail::moveLane<kverify_detail::Move::Index>(lanes(), value, rank, count);
  }
  template <class T> KV_MEMBER T shfl_up(T value, unsigned by) const {
    return kverify_detail::moveLane<kverify_detail::Move::Up>(lanes(), value, by, count);
  }
  template <class T> KV_MEMBER T shfl_down(T value, unsigned by) const {
    return kverify_detail::moveLane<kverify_detail::Move::Down>(lanes(), value, by, count);
  }
  template <class T> KV_MEMBER T shfl_xor(T value, unsigned with) const {
    return kverify_detail::moveLane<kverify_detail::Move::Xor>(lanes(), value, with, count);
  }
  KV_MEMBER int any(int predicate) const { return __nvvm_vote_any_sync(lanes(), predicate); }
  KV_MEMBER int all(int predicate) const { return __nvvm_vote_all_sync(lanes(), predicate); }
  KV_MEMBER unsigned ballot(int predicate) const { return ranks(__nvvm_vote_ballot_sync(lanes(), predicate)); }
  template <class T> KV_MEMBER unsigned match_any(T value) const { return ranks(__match_any_sync(lanes(), value)); }
  template <class T> KV_MEMBER unsigned match_all(T value, int& predicate) const {
    return ranks(__match_all_sync(lanes(), value, &predicate));
  }
  KV_MEMBER operator thread_group() const {
    return thread_group(thread_group::Kind::Lanes, lanes(), count, thread_rank());
  }

 protected:
  KV_MEMBER thread_block_tile(unsigned meta_rank, unsigned meta_size) : meta_rank_(meta_rank), meta_size_(meta_size) {}

 private:
  // A mask of lanes as a mask of ranks in the tile.
  KV_MEMBER static unsigned ranks(unsigned lanes_set) {
    if (count == 32) return lanes_set;
    return (lanes_set >> (kverify_detail::laneId() & ~(count - 1))) & ((1u << (count & 31)) - 1u);
  }
  unsigned meta_rank_, meta_size_;  // this tile among those of its parent
};
template <unsigned count, class Parent> class thread_block_tile : public thread_block_tile<count, void> {
 public:
  KV_MEMBER explicit thread_block_tile(const Parent& parent)
      : thread_block_tile<count, void>((unsigned)parent.thread_rank() / count,
                                       ((unsigned)parent.num_threads() + count - 1) / count) {}
};

// The threads of a warp that are here together.
class coalesced_group {
 public:
  KV_MEMBER explicit coalesced_group(unsigned mask) : mask_(mask) {}
  KV_MEMBER unsigned num_threads() const { return __nv_popc(mask_); }
  KV_MEMBER unsigned size() const { return __nv_popc(mask_); }
  KV_MEMBER unsigned thread_rank() const { return __nv_popc(mask_ & kverify_detail::lanesBelow()); }
  KV_MEMBER unsigned long long meta_group_rank() const { return 0; }
  KV_MEMBER unsigned long long meta_group_size() const { return 1; }
  KV_MEMBER unsigned lanes() const { return mask_; }
  KV_MEMBER void sync() const { __nvvm_bar_warp_sync(mask_); }
  template <class T> KV_MEMBER T shfl(T value, int rank) const {
    return kverify_detail::moveLane<kverify_detail::Move::Index>(mask_, value, laneOf(rank), 32);
  }
  // Past the group's ends a thread keeps its own value.
  template <class T> KV_MEMBER T shfl_up(T value, unsigned by) const {
    unsigned rank = thread_rank();
    return shfl(value, rank >= by ? (int)(rank - by) : (int)rank);
  }
  template <class T> KV_MEMBER T shfl_down(T value, unsigned by) const {
    unsigned rank = thread_rank();
    return shfl(value, rank + by < num_threads() ? (int)(rank + by) : (int)rank);
  }
  KV_MEMBER int any(int predicate) const { return __nvvm_vote_any_sync(mask_, predicate); }
  KV_MEMBER int all(int predicate) const { return __nvvm_vote_all_sync(mask_, predicate); }
  KV_MEMBER unsigned ballot(int predicate) const { return ranks(__nvvm_vote_ballot_sync(mask_, predicate)); }
  template <class T> KV_MEMBER unsigned match_any(T value) const { return ranks(__match_any_sync(mask_, value)); }
  template <class T> KV_MEMBER unsigned match_all(T value, int& predicate) const {
    return ranks(__match_all_sync(mask_, value, &predicate));
  }
  KV_MEMBER operator thread_group() const {
    return thread_group(thread_group::Kind::Lanes, mask_, num_threads(), thread_rank());
  }

 private:
  KV_MEMBER unsigned laneOf(int rank) const {
    return mask_ == 0xffffffffu ? (unsigned)rank : __nvvm_fns(mask_, 0, rank + 1);
  }
  KV_MEMBER unsigned ranks(unsigned lanes_set) const {
    if (mask_ == 0xffffffffu) return lanes_set;
    unsigned packed = 0, rank = 0;
    for (unsigned rest = mask_; rest; rest &= rest - 1, ++rank)
      if (lanes_set & rest & (0u - rest)) packed |= 1u << rank;
    return packed;
  }
  unsigned mask_;
};
KV_DEVICE coalesced_group coalesced_threads() { return coalesced_group(__nvvm_activemask()); }

template <unsigned count> KV_DEVICE thread_block_tile<count, thread_block> tiled_partition(const thread_block& parent) {
  return thread_block_tile<count, thread_block>(parent);
}
template <unsigned count, unsigned outer, class Parent>
KV_DEVICE thread_block_tile<count, thread_block_tile<outer, Parent>> tiled_partition(
    const thread_block_tile<outer, Parent>& parent) {
  static_assert(count <= outer, "a tile of a tile is not larger");
  return thread_block_tile<count, thread_block_tile<outer, Parent>>(parent);
}
KV_DEVICE thread_group tiled_partition(const thread_group& parent, unsigned count) {
  unsigned rank = (unsigned)parent.thread_rank() & (count - 1);
  unsigned first = (kverify_detail::laneId() - rank) & 31;
  unsigned mask = count >= 32 ? 0xffffffffu : ((1u << count) - 1u) << first;
  return thread_group(thread_group::Kind::Lanes, mask, count, rank);
}
template <unsigned count, class Parent>
KV_DEVICE coalesced_group labeled_partition(const thread_block_tile<count, Parent>& parent, int label) {
  return coalesced_group(__nvvm_match_any_sync_i32(parent.lanes(), label));
}
KV_DEVICE coalesced_group labeled_partition(const coalesced_group& parent, int label) {
  return coalesced_group(__nvvm_match_any_sync_i32(parent.lanes(), label));
}
template <class Group> KV_DEVICE coalesced_group binary_partition(const Group& parent, bool predicate) {
  unsigned yes = __nvvm_vote_ballot_sync(parent.lanes(), predicate);
  return coalesced_group(predicate ? yes : parent.lanes() & ~yes);
}

template <class Group> KV_DEVICE void sync(const Group& group) { group.sync(); }
template <class Group> KV_DEVICE void synchronize(const Group& group) { group.sync(); }
template <class Group> KV_DEVICE auto thread_rank(const Group& group) { return group.thread_rank(); }
template <class Group> KV_DEVICE auto group_size(const Group& group) { return group.size(); }

#undef KV_MEMBER
}  // namespace cooperative_groups
