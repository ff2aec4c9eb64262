#pragma once
// The rules of the fast filter for one shadow cell: may this thread access it here and now, without a doubt?
//
// Shared by the code that is inlined into kernels and by the host's slow path. A rule that answers true updates the
// cell. What makes an access certain: the last write (and, for writes, the last reads) were by this thread, or in an
// interval that a barrier of the whole block has closed, or before this launch. FastTrack (Flanagan and Freund, PLDI
// 2009) is the idea; one epoch stands for a whole vector clock because a block barrier orders everything.
#include "simt/runtime/abi.h"

namespace kverify::simt::abi {

[[gnu::always_inline]] inline bool sameIdentity(std::uint32_t word, std::uint32_t tag) {
  return ((word ^ tag) & kIdentityMask) == 0;
}

/// R after one more reader, where somebody else has read in the same interval.
inline std::uint32_t joinedReaders(const ThreadContext& thread, std::uint32_t read) {
  std::uint32_t tag = thread.tag;
  if (read < thread.block_start || (read & kModeMask) == kReadBlocks)
    return (tag & ~kModeMask) | kReadBlocks;
  if (read < thread.last_barrier)
    return tag; // all those readers have met everybody since
  bool same_warp = ((read ^ tag) & (kThreadMask & ~31u)) == 0;
  std::uint32_t mode = same_warp && (read & kModeMask) <= kReadWarp ? kReadWarp : kReadBlock;
  std::uint32_t epoch = (read > tag ? read : tag) >> kEpochShift << kEpochShift;
  return epoch | mode | (tag & kThreadMask);
}

#if defined(KVERIFY_BITCODE_RUNTIME)
extern "C" __attribute__((preserve_most, noinline, used)) void kv_join_readers(ThreadContext* thread, Cell* cell) {
  cell->read = joinedReaders(*thread, cell->read);
}
#else
inline void kv_join_readers(ThreadContext* thread, Cell* cell) {
  cell->read = joinedReaders(*thread, cell->read);
}
#endif

/// Notes that this thread has read the cell. `floor`: reads older than it can be forgotten.
[[gnu::always_inline]] inline void noteRead(ThreadContext* thread, Cell& cell, std::uint32_t floor) {
  std::uint32_t read = cell.read;
  std::uint32_t tag = thread->tag;
  if (read == tag)
    return;
  if (read < floor || (read >= thread->last_barrier && sameIdentity(read, tag))) {
    cell.read = tag;
    return;
  }
  std::uint32_t mode = read & kModeMask;
  if (mode >= kReadBlock && read >= (tag & ~kIdentityMask))
    return;
  if (mode == kReadWarp && ((read ^ tag) & ~(31u | kModeMask)) == 0)
    return;
  kv_join_readers(thread, &cell);
}

[[gnu::always_inline]] inline bool readShared(ThreadContext* thread, Cell& cell) {
  std::uint32_t write = cell.write;
  std::uint32_t start = thread->block_start;
  std::uint32_t barrier = thread->last_barrier;
  bool ordered = write - start < barrier - start;
  if (!ordered && !(write >= barrier && sameIdentity(write, thread->tag)))
    return false;
  noteRead(thread, cell, barrier);
  return true;
}

[[gnu::always_inline]] inline bool writeShared(ThreadContext* thread, Cell& cell) {
  std::uint32_t tag = thread->tag;
  std::uint32_t write = cell.write;
  std::uint32_t barrier = thread->last_barrier;
  bool ordered = write - kUninitialised < barrier - kUninitialised;
  if (!ordered && !(write >= barrier && sameIdentity(write, tag)))
    return false;
  std::uint32_t read = cell.read;
  if (read >= barrier && !sameIdentity(read, tag))
    return false;
  cell.write = tag;
  return true;
}

[[gnu::always_inline]] inline bool readGlobal(ThreadContext* thread, Cell& cell) {
  std::uint32_t write = cell.write;
  if (write == kHostReadOnly)
    return true; // nobody may write it: no race to track
  bool before = write - kHostEpoch < thread->launch_start - kHostEpoch;
  if (!before) {
    std::uint32_t start = thread->block_start;
    std::uint32_t barrier = thread->last_barrier;
    bool ordered = write - start < barrier - start && (write & kModeMask) == kWritePlain;
    if (!ordered && !(write >= barrier && sameIdentity(write, thread->tag)))
      return false;
  }
  noteRead(thread, cell, thread->launch_start);
  return true;
}

[[gnu::always_inline]] inline bool writeGlobal(ThreadContext* thread, Cell& cell) {
  std::uint32_t tag = thread->tag;
  std::uint32_t write = cell.write;
  std::uint32_t launch = thread->launch_start;
  std::uint32_t barrier = thread->last_barrier;
  bool before = write - kUninitialised < launch - kUninitialised && (write & kModeMask) != kWriteReadOnly;
  if (!before) {
    std::uint32_t start = thread->block_start;
    bool ordered = write - start < barrier - start && (write & kModeMask) == kWritePlain;
    if (!ordered && !(write >= barrier && sameIdentity(write, tag)))
      return false;
  }
  std::uint32_t read = cell.read;
  if (read >= launch) {
    if (read < thread->block_start || (read & kModeMask) == kReadBlocks)
      return false;
    if (read >= barrier && !sameIdentity(read, tag))
      return false;
  }
  cell.write = tag;
  return true;
}

/// Local memory belongs to one thread: only bounds and initialisation matter.
[[gnu::always_inline]] inline bool readLocal(Cell& cell) {
  return cell.write == kHostEpoch;
}

[[gnu::always_inline]] inline bool writeLocal(Cell& cell) {
  if (cell.write < kUninitialised)
    return false;
  cell.write = kHostEpoch;
  return true;
}

[[gnu::always_inline]] inline bool checkCell(ThreadContext* thread, Cell& cell, std::uint32_t kind,
                                             std::uint32_t space) {
  if (space == kLocal)
    return kind == kRead ? readLocal(cell) : writeLocal(cell);
  if (space == kShared)
    return kind == kRead ? readShared(thread, cell) : writeShared(thread, cell);
  return kind == kRead ? readGlobal(thread, cell) : writeGlobal(thread, cell);
}

} // namespace kverify::simt::abi
