#pragma once
// Which layers this machine gives, found by entering them and then trying what they must refuse.
#include <string>
#include <vector>

#include "sandbox/policy.h"
#include "sandbox/system_calls.h"

namespace kverify::sandbox {

struct Probe {
  Layers layers;                    ///< that can be entered here
  bool sockets_refused = false;     ///< seen: no socket could be made, or there was no one to talk to
  bool writes_confined = false;     ///< seen: a file outside could not be made, one inside could
  bool tracing_refused = false;     ///< seen: the parent could not be traced
  std::vector<std::string> missing; ///< what could not be entered and why, one sentence each
};

/// Starts a process for each combination of namespaces that may work, richest first, and takes the first that does.
/// `outside` is a folder where this process may write and a job must not. Takes about 10 ms.
Probe probe(const Policy& policy, const SystemCallFilter* filter, const std::string& outside,
            const Layers& wanted = Layers::all());

} // namespace kverify::sandbox
