#include "simt/machine/slow_path.h"

#include "simt/runtime/cell_rules.h"

namespace kverify::simt {
namespace {

/// The warp of this word's thread is mine, and all its lanes have met (__syncwarp) since.
bool orderedByWarp(const Thread& thread, std::uint32_t word) {
  return ((word ^ thread.tag) & (abi::kThreadMask & ~31u)) == 0 && word >= thread.block_start &&
         word < thread.machine->warpBarrier(thread.warp);
}

bool readCell(Thread& thread, abi::Cell& cell, std::uint32_t space) {
  if (abi::checkCell(&thread, cell, abi::kRead, space))
    return true;
  if ((cell.write & abi::kModeMask) != abi::kWritePlain || !orderedByWarp(thread, cell.write))
    return false;
  abi::noteRead(&thread, cell, space == abi::kShared ? thread.last_barrier : thread.launch_start);
  return true;
}

bool writeOrdered(Thread& thread, const abi::Cell& cell, std::uint32_t space) {
  std::uint32_t write = cell.write;
  if (write < abi::kUninitialised || (write & abi::kModeMask) != abi::kWritePlain)
    return write == abi::kUninitialised;
  if (write < thread.launch_start)
    return true;
  if (space == abi::kShared && write < thread.last_barrier)
    return true;
  if (write >= thread.block_start && write < thread.last_barrier)
    return true;
  if (write >= thread.last_barrier && abi::sameIdentity(write, thread.tag))
    return true;
  return orderedByWarp(thread, write);
}

bool readsOrdered(Thread& thread, const abi::Cell& cell, std::uint32_t space) {
  std::uint32_t read = cell.read;
  if (read < thread.launch_start || (space == abi::kShared && read < thread.last_barrier))
    return true;
  std::uint32_t mode = read & abi::kModeMask;
  if (mode == abi::kReadBlocks || read < thread.block_start)
    return false;
  if (read < thread.last_barrier)
    return true;
  if (mode == abi::kReadOne && abi::sameIdentity(read, thread.tag))
    return true;
  return mode <= abi::kReadWarp && orderedByWarp(thread, read);
}

bool writeCell(Thread& thread, abi::Cell& cell, std::uint32_t space) {
  if (abi::checkCell(&thread, cell, abi::kWrite, space))
    return true;
  if (space == abi::kLocal || !writeOrdered(thread, cell, space) || !readsOrdered(thread, cell, space))
    return false;
  cell.write = thread.tag;
  return true;
}

/// An atomic access reads and writes; atomics do not race with each other. The last plain write must be ordered before
/// *everybody* who may still come, because the cell forgets it here.
bool atomicCell(Thread& thread, abi::Cell& cell, std::uint32_t space) {
  std::uint32_t write = cell.write;
  if (space == abi::kLocal)
    return abi::checkCell(&thread, cell, abi::kRead, space);
  if (write < abi::kHostEpoch || write >= abi::kAsyncEpoch)
    return false;
  std::uint32_t mode = write & abi::kModeMask;
  if (mode == abi::kWriteReadOnly)
    return false;
  if (space == abi::kShared && write < thread.block_start)
    return false;
  bool settled = write < thread.launch_start || (space == abi::kShared && write < thread.last_barrier);
  if (!settled && mode != abi::kWriteAtomic)
    return false;
  if (!readsOrdered(thread, cell, space))
    return false;
  cell.write = thread.tag | abi::kWriteAtomic;
  return true;
}

std::uint32_t spaceOf(std::uint64_t offset) {
  switch (offset >> abi::kSlotShift) {
  case abi::kSharedSlot: return abi::kShared;
  case abi::kStackSlot: return abi::kLocal;
  default: return abi::kGlobal;
  }
}

} // namespace

bool clearSlowly(Thread& thread, std::uint64_t address, std::uint64_t bytes, std::uint32_t align, std::uint32_t kind) {
  Arena& arena = thread.machine->arena();
  if (bytes > abi::kArenaBytes || !arena.contains(address) || !arena.contains(address + bytes) || address % align != 0)
    return false;
  std::uint32_t space = spaceOf(address - arena.base());
  abi::Cell* cell = &arena.cell(address);
  abi::Cell* last = &arena.cell(address + bytes - 1);
  for (; cell <= last; ++cell) {
    bool fine = kind == abi::kRead    ? readCell(thread, *cell, space)
                : kind == abi::kWrite ? writeCell(thread, *cell, space)
                                      : atomicCell(thread, *cell, space);
    if (!fine)
      return false;
  }
  return true;
}

} // namespace kverify::simt
