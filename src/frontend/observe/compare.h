#pragma once
// Do the launches that following the host code predicts agree with those that a run of it made?
#include <string>

#include "frontend/observe/cases.h"
#include "frontend/observe/host_code.h"

namespace kverify::frontend::observe {

struct Comparison {
  std::string difference;   ///< "" = none: "the grid's x of 'k' is 4 by following and 5 in the run"
  bool more = false;     ///< the run goes on launching where following knows that it stopped
  unsigned compared = 0; ///< numbers: of launches, sizes of memory, offsets, arguments; not those that following does not know or guesses
};

Comparison compare(const host::HostPath& path, const Sizes& sizes, const HostCode& code, const Observation& seen);

} // namespace kverify::frontend::observe
