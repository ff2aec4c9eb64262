#include "verifier/checks/catalogue.h"

namespace kverify::verifier {

namespace {

constexpr const char* kRaceSoundness =
    "sound for every schedule and every launch of the scope, given that barriers converge and accesses stay in bounds, "
    "which are checks of their own; order by atomics alone is not used, so that some correct kernels stay unknown";
constexpr const char* kBoundsSoundness =
    "sound for every launch of the scope in which index arithmetic does not wrap, which is a check of its own; an index "
    "that is loaded from memory may have any value unless the contract says what the tensor holds";
constexpr const char* kInBounds = "can an access leave its allocation?";
constexpr const char* kBlockRace =
    "can two threads of a block touch the same bytes, one of them writing, in one interval between barriers?";
constexpr const char* kGridRace = "can threads of two blocks touch the same bytes, one of them writing?";

} // namespace

const std::vector<ProofInfo>& proofs() {
  static const std::vector<ProofInfo> all = {
      {"barrier.divergent", "can two threads of a block disagree at a branch that decides about a barrier?",
       "sound for loops that end, by induction over the barriers that the threads have met together so far"},
      {"bounds.global-read", kInBounds, kBoundsSoundness},
      {"bounds.global-write", kInBounds, kBoundsSoundness},
      {"bounds.local", kInBounds, kBoundsSoundness},
      {"bounds.shared-read", kInBounds, kBoundsSoundness},
      {"bounds.shared-write", kInBounds, kBoundsSoundness},
      {"index.overflow", "can an integer on the way to an address, a guard or a loop bound leave its type?",
       "sound for every launch of the scope: up to the first overflow of an execution every machine value is what the "
       "question says; arithmetic that is meant to wrap (hashes) stays unknown"},
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
  };
  return all;
}

} // namespace kverify::verifier
