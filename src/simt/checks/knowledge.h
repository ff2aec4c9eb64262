#pragma once
// Vector clocks for the precise race check: what each thread knows of what the others have done.
//
// Time is the machine's epoch counter. "Thread b knows a up to e" means that all that a did in epochs before e happens
// before what b does now. A barrier of the whole block is one number; everything else is kept in sparse rows.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "simt/machine/thread.h"

namespace kverify::simt {

/// What one thread knew at some moment. Immutable once shared.
struct Knowledge {
  std::uint32_t block = 0;
  std::vector<std::uint32_t> own_block;                             ///< by thread: known up to this epoch
  std::map<std::uint32_t, std::vector<std::uint32_t>> other_blocks; ///< by block, by thread
  void merge(const Knowledge& other);
};

class Clocks {
public:
  void startLaunch() { device_.clear(); }
  void startBlock(std::uint32_t block, std::uint32_t threads);

  /// Does `now` know that thread `thread` of block `block` has finished epoch `epoch`?
  bool knows(const Thread& now, std::uint32_t block, std::uint32_t thread, std::uint32_t epoch) const;

  /// All threads of the running block know all that its threads did up to this epoch.
  bool allKnow(std::uint32_t epoch) const { return epoch < last_barrier_; }

  void meet(std::span<Thread*> threads, bool whole_block);
  /// What the thread did so far, it hands to those who will meet at the barrier. Its epoch must move on afterwards.
  void arrive(Thread& thread, std::uint32_t barrier);
  void open(std::uint32_t barrier);
  /// Its epoch must move on afterwards: what the thread does later is not covered by this fence.
  void fence(Thread& thread, abi::Scope scope);
  /// An atomic access at `address`: releases (if it writes) what was fenced, acquires (if it reads) what others
  /// released.
  void atomic(Thread& thread, std::uint64_t address, abi::Kind kind);

private:
  using Shared = std::shared_ptr<const Knowledge>;

  /// Knowledge on its way through atomics, for one reach of fences.
  struct Channel {
    Shared fenced;   ///< what is released by the next atomic write
    Shared acquired; ///< read by atomics since the last fence or barrier
  };

  struct Row {
    Knowledge knows;
    Channel device, block; ///< fences of the device also reach the block
  };

  Row& row(const Thread& thread) { return rows_[thread.linear]; }
  Knowledge snapshot(const Thread& thread);
  static void acquire(Row& own, Channel& channel);
  void shareFences(std::span<Thread*> threads, Channel Row::*channel);

  std::uint32_t block_ = 0;
  std::uint32_t last_barrier_ = 0; ///< everyone knows everyone up to this epoch
  std::vector<Row> rows_;
  using Locations = std::map<std::uint64_t, Knowledge>;
  Locations device_;                            ///< released by fences of the device, by address
  Locations own_block_;                         ///< released by any fence of a thread of this block
  std::map<std::uint32_t, Knowledge> arrivals_; ///< by named barrier
  std::optional<Knowledge> opened_;             ///< arrivals of the barrier that opens now
};

} // namespace kverify::simt
