#pragma once
// What the precise engine tells the checks. Every check is one observer in its own file; it never prints, it reports.
#include <cstdint>
#include <span>

#include "kverify/launch.h"
#include "simt/machine/thread.h"

namespace kverify::simt {

struct AccessEvent {
  Thread& thread;
  std::uint64_t address;
  std::uint64_t bytes;
  std::uint32_t align; ///< in bytes, as the instruction needs it
  abi::Kind kind;
  std::uint32_t site;
  bool async = false;  ///< the write of a cp.async: in flight until it is waited for
  bool atomic = false; ///< an atomic load or store (kind says which), or an atomic update
};

/// Something that must be met together was not.
struct ConvergenceEvent {
  enum class What {
    DifferentBarriers, ///< threads of one block wait at different __syncthreads
    ExitedBeforeBarrier,
    MaskWithoutCaller, ///< a lane calls a warp operation whose mask leaves it out
    DifferentOperations,
    LaneMissing, ///< lanes of the mask never arrive
    ReadsInactiveLane,
    Deadlock,
  };
  What what;
  Thread& thread; ///< the one that shows it
  std::uint32_t site;
  const Thread* other = nullptr;
  std::uint32_t other_site = 0;
  std::uint32_t mask = 0;
};

enum class Next { Continue, Fault };

class Observer {
public:
  virtual ~Observer() = default;
  virtual void onLaunch(const KernelLaunch&, std::uint32_t /*index*/) {}
  virtual void onBlock(std::uint32_t /*block*/, std::span<Thread*> /*threads*/) {}
  virtual Next onAccess(const AccessEvent&) { return Next::Continue; }
  /// The inner index of an array passed its extent (the address may still be inside the array).
  virtual Next onLogicalIndex(const AccessEvent&, std::int64_t /*index*/, std::int64_t /*extent*/) {
    return Next::Continue;
  }
  virtual void onAsyncDone(Thread&, const AsyncCopy&) {}
  /// These threads have met: what any of them did before is ordered before what any does after.
  virtual void onMeet(std::span<Thread*>, bool /*whole_block*/) {}
  virtual void onArrive(Thread&, std::uint32_t /*barrier*/) {}
  /// A named barrier opens: the next onMeet also learns what was brought to it by arriving.
  virtual void onBarrierOpens(std::uint32_t /*barrier*/) {}
  virtual void onFence(Thread&, abi::Scope) {}
  virtual void onConvergence(const ConvergenceEvent&) {}
  virtual void onLocal(Thread&, std::uint64_t /*address*/, std::uint64_t /*bytes*/, std::uint32_t /*site*/) {}
  /// An uninitialised variable whose value is known to matter has been given one.
  virtual void onUndefined(Thread&, std::uint32_t /*site*/) {}
  virtual void onDivideByZero(Thread&, std::uint32_t /*site*/) {}
  /// Of lines that are watched: a signed result leaves its type; a shift's amount is negative or too large.
  virtual void onLeavesType(Thread&, std::uint32_t /*site*/) {}
  virtual void onBadShift(Thread&, std::uint32_t /*site*/) {}
  virtual void onAssert(Thread&, std::uint32_t /*site*/, const char* /*text*/) {}
  /// A kv_requires, kv_assert or kv_invariant does not hold.
  virtual void onBroken(Thread&, std::uint32_t /*site*/, abi::Annotation, const char* /*text*/) {}
  virtual void onTrap(Thread&, std::uint32_t /*site*/, const char* /*what*/) {}
  virtual void onStackOverflow(Thread&, std::uint32_t /*site*/) {}
  virtual void onPlanEnd() {}
  /// Always called last, also after a fault.
  virtual void onStop() {}
};

} // namespace kverify::simt
