#pragma once
// Vector clocks for the precise race check: what each thread knows of what the others have done.
//
// Time is the machine's epoch counter. "Thread b knows a up to e" means that all that a did in epochs before e happens
// before what b does now. A barrier of the whole block is one number; everything else is kept in sparse rows.
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "simt/machine/thread.h"

namespace kverify::simt {

/// What one thread knew at some moment. Immutable once shared.
struct Knowledge {
  std::uint32_t block = 0;
  std::vector<std::uint32_t> own_block;                             ///< by thread: known up to this epoch
  std::map<std::uint32_t, std::vector<std::uint32_t>> other_blocks;  ///< by block, by thread
  void merge(const Knowledge& other);
};

class Clocks {
 public:
  void startLaunch() { locations_.clear(); }
  void startBlock(std::uint32_t block, std::uint32_t threads);

  /// Does `now` know that thread `thread` of block `block` has finished epoch `epoch`?
  bool knows(const Thread& now, std::uint32_t block, std::uint32_t thread, std::uint32_t epoch) const;

  void meet(std::span<Thread*> threads, bool whole_block);
  void arrive(Thread& thread, std::uint32_t barrier);
  void fence(Thread& thread);
  /// An atomic access at `address`: releases what was fenced, acquires what others released there.
  void atomic(Thread& thread, std::uint64_t address);

 private:
  struct Row {
    Knowledge knows;
    std::shared_ptr<const Knowledge> fenced;    ///< at the last fence
    std::shared_ptr<const Knowledge> acquired;  ///< read by atomics since the last fence or barrier
  };

  Row& row(const Thread& thread) { return rows_[thread.linear]; }
  Knowledge snapshot(const Thread& thread);

  std::uint32_t block_ = 0;
  std::uint32_t last_barrier_ = 0;  ///< everyone knows everyone up to this epoch
  std::vector<Row> rows_;
  std::map<std::uint64_t, Knowledge> locations_;
  std::map<std::uint32_t, Knowledge> arrivals_;
};

}  // namespace kverify::simt
