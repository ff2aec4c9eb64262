#pragma once
// Ctrl-C: the first asks for a partial report, the second ends at once.
#include "cli/pipeline/stop.h"

namespace kverify::cli {

/// The switch that SIGINT and SIGTERM set, from now on.
pipeline::StopSwitch& stopOnInterrupt();

} // namespace kverify::cli
