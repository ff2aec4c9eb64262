#pragma once
// One CUDA thread of the block that is being run.
#include <cstdint>
#include <vector>

#include "simt/machine/fiber.h"
#include "simt/runtime/abi.h"

namespace kverify::simt {

class Machine;

/// One cp.async that has been issued and not yet waited for.
struct AsyncCopy {
  std::uint64_t destination = 0;
  std::uint64_t source = 0;
  std::uint32_t bytes = 0;
  std::uint32_t source_bytes = 0; ///< the rest is filled with zeros
  std::uint32_t site = 0;
};

struct alignas(64) Thread : abi::ThreadContext {
  enum class State : std::uint8_t { Runnable, Barrier, NamedBarrier, Collective, ActiveMask, Exited };

  State state() const;         ///< kept by the machine, all threads' side by side
  std::uint32_t wait_site = 0; ///< where it waits
  Fiber fiber;
  Machine* machine = nullptr;
  std::uint32_t wait_mask = 0;                      ///< of a collective
  std::uint32_t result = 0;                         ///< of an activemask or a reducing barrier
  std::vector<std::vector<AsyncCopy>> async_groups; ///< committed groups, oldest first
  std::vector<AsyncCopy> async_open;                ///< issued, not yet committed

  std::uint32_t epoch() const { return tag >> abi::kEpochShift; }
};

} // namespace kverify::simt
