#pragma once
// What surrounds a finding in a precise run, as numbers (kverify/facts.h): which barriers the block has passed, which
// object an access is into, and who wrote what around it.
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "kverify/facts.h"
#include "simt/checks/memory_map.h"
#include "simt/machine/arena.h"
#include "simt/site_table.h"

namespace kverify::simt {

class Scene {
public:
  Scene(const Arena& arena, const MemoryMap& map, const SiteTable& table) : arena_(arena), map_(map), table_(table) {}

  // Told by an observer, in the order in which it happens. Epochs are shifted, as in shadow cells.
  void startLaunch(const KernelLaunch& launch);
  void startBlock(std::uint32_t block, std::uint32_t epoch);
  void passBarrier(std::uint32_t site, std::uint32_t epoch);

  /// Whole-block barriers that the running block has passed.
  std::uint32_t interval() const { return interval_; }
  /// The interval that runs now; nobody knows yet what will end it.
  BarrierInterval openInterval() const;
  SourceLocation lastBarrier() const { return barrier_; }

  /// Two threads touch these bytes with nothing to order them. Of one block, it is kept until forgetConflicts().
  void conflict(std::uint64_t address, std::uint64_t bytes, const ThreadId& one, const ThreadId& other);
  void forgetConflicts();

  /// Nothing where no object is near.
  std::optional<MemoryObject> objectAt(std::uint64_t address) const;
  MemoryAccess accessTo(std::uint64_t address, std::uint64_t bytes, AccessKind kind) const;

  /// The cells around an access, as they are now. `missed`: who touched what is not there. Nothing for objects whose cells
  /// say nothing (local arrays, constants).
  std::optional<Tile> tileAround(std::uint64_t address, std::uint64_t bytes, const std::optional<ThreadId>& missed) const;

  /// Who wrote the bytes at this address of global memory last: 0 and the thread, or one of Tile::Writer.
  std::pair<std::int32_t, ThreadId> lastWriter(std::uint64_t address) const;

private:
  ThreadId threadOf(std::uint32_t block, std::uint32_t thread) const;

  /// From this epoch on, this block was in this interval.
  struct Mark {
    std::uint32_t epoch, block, interval;
  };
  struct Conflict {
    std::uint64_t address, bytes;
    ThreadId one, other;
  };
  class Painter;
  const Mark* markOf(std::uint32_t write) const;

  const Arena& arena_;
  const MemoryMap& map_;
  const SiteTable& table_;
  Dim3 grid_, block_;
  std::vector<Mark> marks_; ///< of this launch, by epoch
  std::uint32_t interval_ = 0, running_ = 0;
  SourceLocation barrier_; ///< the last one that was passed; line 0: none
  std::vector<Conflict> conflicts_;
};

} // namespace kverify::simt
