#pragma once
// Runs the host code of a file with a few sizes for each path that following it found, and says whether it does what following says.
#include <string>
#include <vector>

#include "frontend/host/facts.h"

namespace kverify::frontend::observe {

/// What runs say about one path.
struct PathRuns {
  std::size_t agreed = 0;  ///< runs that launched what following says
  unsigned compared = 0;   ///< numbers in them
  std::string sizes;       ///< "x_0 = 3, x_1 = 64; …" of those
  std::string difference;  ///< of the first that did not; "" = none
  bool more = false;       ///< following stopped before the last launch, and knows it; the launches before agree
  std::vector<host::HostPath> seen; ///< where there is a difference or more: what runs launch, one path of numbers each
  std::string not_run;     ///< why no run could be compared: "'cudaFuncGetAttributes' is not modelled"; "" where one was
};

struct HostRuns {
  std::vector<PathRuns> paths; ///< one for each path of the facts, in order
  /// Of host code that was not followed to its launches: paths that only runs know, all their sizes numbers.
  std::vector<host::HostPath> seen;
  std::vector<host::Missing> not_run; ///< entries of which there is none, and why
};

/// Never an error: what can't be run says so.
HostRuns runHostCode(const host::HostFacts& facts);

} // namespace kverify::frontend::observe
