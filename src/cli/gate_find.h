#pragma once
// Which kernels a gate is about.
#include <set>
#include <string>
#include <vector>

#include "cli/gate_run.h"
#include "gate/change.h"
#include "gate/policy.h"
#include "gate/render.h"

namespace kverify::cli {

struct GateQuery {
  std::vector<std::string> paths;       ///< empty: everything below the policy's folder
  std::string since;                    ///< a revision, or empty
  std::vector<std::string> changed;     ///< files, or empty
  std::string baseline;                 ///< path that is read, or empty; for what a change to it means
};

/// What is to be judged, in the order of its paths.
struct GatePlan {
  std::vector<GateTask> tasks;
  std::vector<std::string> why; ///< of each task; empty strings where everything is judged
};

/// Finds files, leaves out what git ignores and what the policy ignores, and keeps what the change touches. Fills in what
/// `gate` says of that. Errors: Usage, Input, Environment.
Expected<GatePlan> planGate(const GateQuery& query, const gate::Policy& policy, gate::GateReport& gate);

/// A path as the working directory sees it, from one that starts at `folder`.
std::string seenFromHere(const std::string& folder, const std::string& path);

} // namespace kverify::cli
