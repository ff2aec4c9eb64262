#include "simt/machine/arena.h"

#include <algorithm>

#include <sys/mman.h>

namespace kverify::simt {
namespace {

constexpr std::uint64_t kKeepResident = 4 << 20;

void* reserve(std::uint64_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

} // namespace

Expected<std::unique_ptr<Arena>> Arena::create(unsigned granule_log2) {
  std::unique_ptr<Arena> arena(new Arena);
  arena->granule_log2_ = granule_log2;
  arena->shadow_bytes_ = (abi::kArenaBytes >> granule_log2) * sizeof(abi::Cell);
  void* data = reserve(abi::kArenaBytes);
  void* shadow = data ? reserve(arena->shadow_bytes_) : nullptr;
  arena->base_ = reinterpret_cast<std::uint64_t>(data);
  // A barrier visits the stack of every thread: with small pages that is a TLB miss each.
  if (data)
    madvise(arena->data((abi::kStackSlot << abi::kSlotShift) + (1ull << 34)), 1 << 27, MADV_HUGEPAGE);
  arena->shadow_ = static_cast<abi::Cell*>(shadow);
  if (!shadow)
    return fail(ErrorKind::Limit, "cannot reserve address space for the executor's memory and its shadow", {},
                "lift the limit on virtual memory (ulimit -v unlimited)");
  return arena;
}

Arena::~Arena() {
  if (base_)
    munmap(reinterpret_cast<void*>(base_), abi::kArenaBytes);
  if (shadow_)
    munmap(shadow_, shadow_bytes_);
}

void Arena::mark(std::uint64_t offset, std::uint64_t bytes, std::uint32_t write) {
  std::uint64_t first = offset >> granule_log2_;
  std::uint64_t last = (offset + bytes + (1u << granule_log2_) - 1) >> granule_log2_;
  std::fill(shadow_ + first, shadow_ + last, abi::Cell{write, 0});
}

void Arena::release(std::uint64_t offset, std::uint64_t bytes) {
  // Small ranges stay resident: clearing their shadow is cheaper than faulting the pages in again.
  if (bytes <= kKeepResident)
    return mark(offset, bytes, abi::kUnallocated);
  giveBack(offset, bytes);
}

void Arena::giveBack(std::uint64_t offset, std::uint64_t bytes) {
  constexpr std::uint64_t page = 4096;
  auto drop = [](std::uint64_t low, std::uint64_t high) {
    low &= ~(page - 1);
    high = (high + page - 1) & ~(page - 1);
    if (high > low)
      madvise(reinterpret_cast<void*>(low), high - low, MADV_DONTNEED);
  };
  drop(base_ + offset, base_ + offset + bytes);
  auto cells = reinterpret_cast<std::uint64_t>(shadow_ + (offset >> granule_log2_));
  drop(cells, cells + ((bytes >> granule_log2_) + 1) * sizeof(abi::Cell));
}

} // namespace kverify::simt
