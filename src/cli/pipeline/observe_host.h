#pragma once
// Following host code is checked by running it.
#include "frontend/host/facts.h"

namespace kverify::pipeline {

/// Runs the host code on the CPU, for a few sizes of each path. A path that runs agree with carries that as a fact. One that a run
/// contradicts is missing from then on, with what differs, and the launches that were seen take its place. The same where following
/// found no way to a launch. What can't be run stays as it is and says why.
void observeHost(frontend::host::HostFacts& facts);

} // namespace kverify::pipeline
