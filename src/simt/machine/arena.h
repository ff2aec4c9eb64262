#pragma once
// All memory that device code can address, and its shadow: one reservation each, pages come when touched.
#include <cstdint>
#include <memory>

#include "kverify/error.h"
#include "simt/runtime/abi.h"

namespace kverify::simt {

/// Slots of 32 GiB (runtime/abi.h says which is for what) and a shadow cell per granule.
class Arena {
public:
  /// granule_log2: 0, 1 or 2. Errors: Limit (the address space could not be reserved).
  static Expected<std::unique_ptr<Arena>> create(unsigned granule_log2);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  std::uint64_t base() const { return base_; }
  abi::Cell* shadow() const { return shadow_; }
  unsigned granuleLog2() const { return granule_log2_; }
  bool contains(std::uint64_t address) const { return address - base_ < abi::kArenaBytes; }
  abi::Cell& cell(std::uint64_t address) const { return shadow_[(address - base_) >> granule_log2_]; }
  std::uint8_t* data(std::uint64_t offset) const { return reinterpret_cast<std::uint8_t*>(base_ + offset); }

  /// Sets the write word of every cell of [offset, offset + bytes) and clears the readers.
  void mark(std::uint64_t offset, std::uint64_t bytes, std::uint32_t write);
  /// What a caller that reuses the arena left behind on the stacks: the kernel whose frames may still be marked there.
  const void* stack_owner = nullptr;

  /// [offset, offset + bytes) is unallocated again. The pages of large ranges are given back; data of small ones may
  /// stay.
  void release(std::uint64_t offset, std::uint64_t bytes);
  /// The same for whole pages, however few of them were touched: all data reads as zero again.
  void giveBack(std::uint64_t offset, std::uint64_t bytes);

private:
  Arena() = default;
  std::uint64_t base_ = 0;
  abi::Cell* shadow_ = nullptr;
  std::uint64_t shadow_bytes_ = 0;
  unsigned granule_log2_ = 2;
};

/// Where buffer `index` of a plan lies in the arena: 8 GiB or more from both ends of its own slot, and elsewhere in
/// each slot. An unsigned index that wrapped at 32 bits is off by a power of two bytes, and must not land in a
/// neighbour.
constexpr std::uint64_t bufferOffset(std::size_t index) {
  return ((abi::kFirstBufferSlot + index) << abi::kSlotShift) + (1ull << 33) + (index << 28);
}
inline constexpr std::size_t kMaxBuffers = abi::kSlots - abi::kFirstBufferSlot;
inline constexpr std::uint64_t kMaxBufferBytes = 1ull << 33;

} // namespace kverify::simt
