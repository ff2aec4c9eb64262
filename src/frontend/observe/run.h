#pragma once
// Runs host code on this machine's CPU in processes of its own, and says what it did.
#include <vector>

#include "frontend/observe/host_code.h"
#include "frontend/observe/observation.h"

namespace kverify::frontend::observe {

/// One observation a call, in order. The code is as it was afterwards: it is linked in a copy of this process. The code may call itself, the standard library but for what reaches outside the process,
/// and the CUDA runtime as pretended_device.h has it; what else it calls ends the call as unsupported when it is reached. To be
/// called while this process has one thread.
/// Errors: Internal (no process could be started, the code does not link).
Expected<std::vector<Observation>> runCalls(HostCode& code, const std::vector<Call>& calls);

} // namespace kverify::frontend::observe
