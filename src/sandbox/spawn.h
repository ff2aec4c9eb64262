#pragma once
// Starts a function in a sandboxed process. Two processes come of it: a keeper, which waits, passes signals on and takes
// everything down with it, and below it the one that runs the function. Where the kernel allows, the keeper is the first
// process of a process namespace, so that nothing below can outlive it.
#include <functional>
#include <string>

#include <sys/types.h>

#include "sandbox/policy.h"
#include "sandbox/system_calls.h"

namespace kverify::sandbox {

/// What to hold a process to. `filter` may be null where `layers.system_calls` is false.
struct Cage {
  Policy policy;
  Layers layers;                            ///< tried for
  const SystemCallFilter* filter = nullptr; ///< must outlive the start
  bool must_reach = true; ///< a layer that cannot be entered ends the process; false: it goes on without
};

/// Exit statuses of the keeper beside the function's own.
inline constexpr int kCageFailed = 251;  ///< a layer could not be entered; what is said on `said` tells which
inline constexpr int kKilledBase = 128;  ///< + the signal that ended the function's process

struct Started {
  pid_t pid = -1;  ///< the keeper; -1: errno says why there is none
  int result = -1; ///< what the function writes to its descriptor; ends when all of them have closed it
  int said = -1;   ///< its standard output and error
  bool process_namespace = false;
};

/// The function, given a descriptor to write to and the layers that were reached; returns the exit status (below 128).
/// SIGTERM and SIGUSR1, sent to the keeper, reach it: they are blocked until it has handlers and unblocks them.
using Body = std::function<int(int result, const Layers& reached)>;

/// To be called while this process has one thread. The descriptors are non-blocking.
Started start(const Cage& cage, const Body& body);

/// Ends the keeper and everything below it, now. The keeper is still to be waited for.
void end(const Started& started);

} // namespace kverify::sandbox
