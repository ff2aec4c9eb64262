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
      {"access.readonly-write", "can a thread write to a tensor that is only to be read?", kClaimSoundness},
      {"align.access", "can an address be no multiple of what its instruction promises?",
       "sound where allocations start at multiples of 256 bytes and variables where they are declared to; alignment "
       "that a cast takes for granted of a variable declared with less stays unknown"},
      {"arith.divide-by-zero", "can the divisor of an integer division or remainder be zero?", kClaimSoundness},
      {"assert.failed", "can an assert or a kv_assert of the kernel be false?", kClaimSoundness},
      {"barrier.divergent", "can two threads of a block disagree at a branch that decides about a barrier?",
       "sound for loops that end, by induction over the barriers that the threads have met together so far"},
      {"bounds.global-read", kInBounds, kBoundsSoundness},
      {"bounds.global-write", kInBounds, kBoundsSoundness},
      {"bounds.local", kInBounds, kBoundsSoundness},
      {"bounds.logical-read", kNextRow, kLogicalSoundness},
      {"bounds.logical-write", kNextRow, kLogicalSoundness},
      {"bounds.shared-read", kInBounds, kBoundsSoundness},
      {"bounds.shared-write", kInBounds, kBoundsSoundness},
      {"index.overflow", "can an integer on the way to an address, a guard or a loop bound leave its type?",
       "sound for every launch of the scope: up to the first overflow of an execution every machine value is what the "
       "question says; arithmetic that is meant to wrap (hashes) stays unknown"},
      {"index.shift", "can a shift's amount be negative, or the width of its type or more?", kClaimSoundness},
      {"init.shared-read", "can a thread read shared memory that no thread of its block has written before?",
       "sound for every launch of the scope, given that barriers converge and that reads do not race with writes, which "
       "are checks of their own; who writes is guessed from the addresses, and where the guess fails it stays unknown"},
      {"invariant.broken", "can a kv_invariant be false when its loop begins, or after an iteration that it held before?",
       "sound by induction over the visits of the loop's head, all invariants of the kernel together; true of the loop, and "
       "still unknown, where it does not follow from itself"},
      {"limits.launch", "does the contract allow a launch that the device refuses?",
       "sound and complete up to products of sizes, for the device that the kernel is compiled for"},
      {"output.unwritten", "can an element of an output be one that no thread writes?",
       "sound for every launch of the scope in which index arithmetic does not wrap, given that loops end and barriers "
       "converge; for every element a thread that writes it is guessed from the address, and proved: where the guess "
       "fails (indices that are loaded or mixed bit by bit, loops with exits that depend on data) it stays unknown"},
      {"race.async-copy", "can anyone touch the bytes of an asynchronous copy before it was waited for, and met after?",
       kRaceSoundness},
      {"race.blocks-read-write", kGridRace, kRaceSoundness},
      {"race.blocks-write-write", kGridRace, kRaceSoundness},
      {"race.global-read-write", kBlockRace, kRaceSoundness},
      {"race.global-write-write", kBlockRace, kRaceSoundness},
      {"race.shared-read-write", kBlockRace, kRaceSoundness},
      {"race.shared-write-write", kBlockRace, kRaceSoundness},
  };
  return all;
}

const std::vector<CheckInfo>& formalChecks() {
  static const std::vector<CheckInfo> all = {
      {"index.overflow", "KV1601", "formal", "index arithmetic leaves its integer type",
       "a product such as B*H*N*D in int wraps at sizes that no test has memory for, and the access goes elsewhere",
       "compute the index in size_t or int64_t: convert a factor before the multiplication, not its result",
       "proved for every launch of the contract, or unknown; runs show only what an overflow leads to (bounds.*)"},
      {"index.shift", "KV1602", "formal", "a shift by a negative amount, or by the width of the type or more",
       "undefined in C++: the compiler may assume that it does not happen; a GPU gives 0 or clamps the amount",
       "bound the amount, or shift a wider type", "proved for every launch of the contract, or unknown"},
  };
  return all;
}

} // namespace kverify::verifier
