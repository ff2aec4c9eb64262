#include "verifier/checks/catalogue.h"

namespace kverify::verifier {

namespace {

constexpr const char* kRaceSoundness =
    "sound for every schedule and every launch of the scope, given that barriers converge and accesses stay in bounds, "
    "which are checks of their own; order by atomics alone is not used, so that some correct kernels stay unknown";
constexpr const char* kBoundsSoundness =
    "sound for every launch of the scope in which index arithmetic does not wrap, which is a check of its own; an index "
    "that is loaded from memory may have any value unless the contract says what the tensor holds";
constexpr const char* kLogicalSoundness =
    "sound for the indices that the code's types or the address's polynomial show, given flat bounds and that index "
    "arithmetic does not wrap; strides that do not nest, and flat steps that only look like rows, stay unknown";
constexpr const char* kClaimSoundness =
    "sound for every launch of the scope in which index arithmetic does not wrap; a value that was loaded may be "
    "anything that the contract does not rule out";
constexpr const char* kNextRow = "can an index run past its dimension into the next row, inside the allocation?";
constexpr const char* kInBounds = "can an access leave its allocation?";
constexpr const char* kBlockRace =
    "can two threads of a block touch the same bytes, one of them writing, in one interval between barriers?";
constexpr const char* kGridRace = "can threads of two blocks touch the same bytes, one of them writing?";

} // namespace

const std::vector<ProofInfo>& proofs() {
  static const std::vector<ProofInfo> all = {
      {"access.readonly-write", "can a thread write to a tensor that is only to be read?", kClaimSoundness,
       "no access to a tensor"},
      {"align.access", "can an address be no multiple of what its instruction promises?",
       "sound where allocations start at multiples of 256 bytes and variables where they are declared to; alignment "
       "that a cast takes for granted of a variable declared with less stays unknown",
       "no access to memory"},
      {"arith.divide-by-zero", "can the divisor of an integer division or remainder be zero?", kClaimSoundness,
       "no division by a computed value"},
      {"assert.failed", "can an assert or a kv_assert of the kernel be false?", kClaimSoundness, "no assertion"},
      {"barrier.divergent", "can two threads of a block disagree at a branch that decides about a barrier?",
       "sound for loops that end, by induction over the barriers that the threads have met together so far",
       "no barrier"},
      {"bounds.global-read", kInBounds, kBoundsSoundness,
       "no read of global memory"},
      {"bounds.global-write", kInBounds, kBoundsSoundness,
       "no write to global memory"},
      {"bounds.local", kInBounds, kBoundsSoundness,
       "no local array"},
      {"bounds.logical-read", kNextRow, kLogicalSoundness,
       "no read of an array or tensor of several dimensions"},
      {"bounds.logical-write", kNextRow, kLogicalSoundness,
       "no write to an array or tensor of several dimensions"},
      {"bounds.shared-read", kInBounds, kBoundsSoundness,
       "no read of shared memory"},
      {"bounds.shared-write", kInBounds, kBoundsSoundness,
       "no write to shared memory"},
      {"index.overflow", "can an integer on the way to an address, a guard or a loop bound leave its type?",
       "sound for every launch of the scope: up to the first overflow of an execution every machine value is what the "
       "question says; arithmetic that is meant to wrap (hashes) stays unknown",
       "no arithmetic on the way to an address"},
      {"index.shift", "can a shift's amount be negative, or the width of its type or more?", kClaimSoundness,
       "no shift by a computed amount"},
      {"init.shared-read", "can a thread read shared memory that no thread of its block has written before?",
       "sound for every launch of the scope, given that barriers converge and that reads do not race with writes, which "
       "are checks of their own; who writes is guessed from the addresses, and where the guess fails it stays unknown",
       "no read of shared memory"},
      {"invariant.broken", "can a kv_invariant be false when its loop begins, or after an iteration that it held before?",
       "sound by induction over the visits of the loop's head, all invariants of the kernel together; true of the loop, and "
       "still unknown, where it does not follow from itself",
       "no kv_invariant"},
      {"limits.launch", "does the contract allow a launch that the device refuses?",
       "sound and complete up to products of sizes, for the device that the kernel is compiled for",
       "no launch"},
      {"output.unwritten", "can an element of an output be one that no thread writes?",
       "sound for every launch of the scope in which index arithmetic does not wrap, given that loops end and barriers "
       "converge; for every element a thread that writes it is guessed from the address, and proved: where the guess "
       "fails (indices that are loaded or mixed bit by bit, loops with exits that depend on data) it stays unknown",
       "no output"},
      {"race.async-copy", "can anyone touch the bytes of an asynchronous copy before it was waited for, and met after?",
       kRaceSoundness,
       "no asynchronous copy"},
      {"race.blocks-read-write", kGridRace, kRaceSoundness,
       "no read of global memory that is written"},
      {"race.blocks-write-write", kGridRace, kRaceSoundness,
       "no write to global memory"},
      {"race.global-read-write", kBlockRace, kRaceSoundness,
       "no read of global memory that is written"},
      {"race.global-write-write", kBlockRace, kRaceSoundness,
       "no write to global memory"},
      {"race.same-value-write", "can two threads write the same bits to one place, unordered?",
       "what race.*-write-write leaves out, where both values are known: constants, arguments, indices, copies of what no "
       "thread writes; writes of values that are not known are judged there as if they differed",
       "no two writes of values that are known"},
      {"race.shared-read-write", kBlockRace, kRaceSoundness,
       "no read of shared memory that is written"},
      {"race.shared-write-write", kBlockRace, kRaceSoundness,
       "no write to shared memory"},
      {"warp.divergent", "can a lane that a warp operation names be elsewhere, or one that it does not name call it?",
       "sound for loops that end, by induction over the operations at which the lanes have met so far; masks that are "
       "computed, and shuffles among a part of a warp, stay unknown",
       "no warp operation"},
  };
  return all;
}

} // namespace kverify::verifier
