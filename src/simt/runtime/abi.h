#pragma once
// What JIT-compiled device code and the host agree on. Included by the host build and by the bitcode runtime.
//
// Shadow memory: one 8-byte cell per granule of data (1, 2 or 4 bytes: the narrowest access of the program). A cell
// holds the last write W and the last reads R. Both are 32 bits: epoch << 12 | mode << 10 | thread.
// Epochs count barrier intervals and never restart inside a plan, so what an earlier block left in shared memory is
// older than the block's first epoch and reads as uninitialised, with nothing to clear.
#include <cstdint>

namespace kverify::simt::abi {

inline constexpr std::uint32_t kEpochShift = 12;
inline constexpr std::uint32_t kThreadMask = 0x3ff;
inline constexpr std::uint32_t kModeShift = 10;
inline constexpr std::uint32_t kModeMask = 3u << kModeShift;
inline constexpr std::uint32_t kIdentityMask = kThreadMask | kModeMask;
inline constexpr std::uint32_t kMaxEpoch = (1u << 20) - 2;

// W of a cell whose epoch is 0.
inline constexpr std::uint32_t kUnallocated = 0;
inline constexpr std::uint32_t kPadding = 1;       // inside an allocation, outside the declared shape
inline constexpr std::uint32_t kUninitialised = 2; // allocated, never written
// Modes of W.
inline constexpr std::uint32_t kWritePlain = 0u << kModeShift;
inline constexpr std::uint32_t kWriteReadOnly = 1u << kModeShift; // written by the host, must not be written again
inline constexpr std::uint32_t kWriteAtomic = 2u << kModeShift;
inline constexpr std::uint32_t kWriteAsync = 3u << kModeShift; // an asynchronous copy is in flight
// Modes of R.
inline constexpr std::uint32_t kReadOne = 0u << kModeShift;
inline constexpr std::uint32_t kReadWarp = 1u << kModeShift;   // several lanes of one warp
inline constexpr std::uint32_t kReadBlock = 2u << kModeShift;  // several warps
inline constexpr std::uint32_t kReadBlocks = 3u << kModeShift; // also other blocks of this launch
// Epoch 1: by the host, or by an earlier launch.
inline constexpr std::uint32_t kHostEpoch = 1u << kEpochShift;
inline constexpr std::uint32_t kHostReadOnly = kHostEpoch | kWriteReadOnly;
// An asynchronous copy in flight is newer than every barrier.
inline constexpr std::uint32_t kAsyncEpoch = 0xfffffu << kEpochShift;

struct Cell {
  std::uint32_t write;
  std::uint32_t read;
};

/// Where the underlying object of an access is, as far as the compiler could tell.
enum Space : std::uint32_t { kGeneric = 0, kGlobal = 1, kShared = 2, kLocal = 3 };
/// kAtomic reads and writes at once. Atomic loads and stores are told apart from it: a load does not write an input,
/// and a store does not read an output that nobody has written.
enum Kind : std::uint32_t { kRead = 0, kWrite = 1, kAtomic = 2, kAtomicRead = 3, kAtomicWrite = 4 };

constexpr Kind plainKind(Kind kind) {
  return kind == kAtomicRead ? kRead : kind == kAtomicWrite ? kWrite : kind;
}
/// How far a fence reaches.
enum Scope : std::uint32_t { kScopeBlock = 0, kScopeDevice = 1, kScopeSystem = 2 };

/// What a kernel says of itself through <kverify/annotations.h>.
enum Annotation : std::uint32_t { kRequires = 0, kAsserts = 1, kInvariant = 2 };

// The arena: slots of 32 GiB; objects start in the middle of a slot, so an index that is off by as much as an int32
// of 4-byte elements either way still falls on unallocated shadow.
inline constexpr std::uint64_t kSlotShift = 35;
inline constexpr std::uint64_t kSlotBytes = 1ull << kSlotShift;
inline constexpr std::uint64_t kSlots = 64;
inline constexpr std::uint64_t kArenaBytes = kSlots << kSlotShift;
inline constexpr std::uint64_t kSharedSlot = 1;
inline constexpr std::uint64_t kStackSlot = 2;
inline constexpr std::uint64_t kParamSlot = 3;
inline constexpr std::uint64_t kModuleSlot = 4; // __device__ and __constant__ variables
inline constexpr std::uint64_t kFirstBufferSlot = 5;

/// The shared window: 32-bit shared addresses are offsets into it.
inline constexpr std::uint64_t kSharedWindow = (kSharedSlot << kSlotShift) + (1ull << 34);

/// State of one CUDA thread that compiled code reads directly. The host's Thread starts with it. The first cache line
/// is read once a block, the second at every check and every barrier.
struct ThreadContext {
  // Constant while a block runs.
  std::uint32_t tid[3];
  std::uint32_t ntid[3];
  std::uint32_t ctaid[3];
  std::uint32_t nctaid[3];
  std::uint32_t linear; // x fastest
  std::uint32_t lane;
  std::uint32_t warp;
  std::uint32_t dynamic_shared; // bytes
  // The second line.
  std::uint64_t arena;       // address of the arena
  Cell* shadow;              // cell of arena offset 0
  std::uint64_t stack_limit; // recursion must stay above
  // Race state; moves on at every synchronisation. All shifted by kEpochShift.
  std::uint32_t tag;          // my epoch | my thread number
  std::uint32_t last_barrier; // epoch since which nobody in the block has met everybody
  std::uint32_t block_start;  // first epoch of this block
  std::uint32_t launch_start; // first epoch of this launch
  // Shadow values (simt/shadow), where the program has them.
  std::uint64_t shadow_origin; // where the cell of address 0 would be
  void* shadow_state;          // shadow::State
  std::uint8_t* coverage;      // simt::CoverageMap's points, where the program has them
};

} // namespace kverify::simt::abi
