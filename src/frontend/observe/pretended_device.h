#pragma once
// The device that host code sees while it is run: memory that must not be touched, launches that are noted, and nothing behind
// them. Lives in the process that runs the host code and ends it: what happened is written to a descriptor, line by line, as JSON.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "frontend/observe/host_code.h"
#include "frontend/observe/observation.h"

namespace kverify::frontend::observe {

/// Makes this process ready for one call. `stubs` gives the address of each kernel's stub.
void beginCall(const Call& call, const std::vector<HostKernel>& kernels, const std::vector<const void*>& stubs, int descriptor);

/// Notes how the call ended, and ends the process.
[[noreturn]] void endCall(Observation::End end, const std::string& why);

/// The functions that host code may call of the CUDA runtime, of the shims, and those of the C library that must not do here
/// what they do elsewhere.
const std::vector<std::pair<const char*, void*>>& deviceSymbols();

/// Reads a line that was written into the observation. False where it is none that an honest run writes: kernels and arguments are
/// as many and as large as they are.
bool readEvent(const std::string& line, const std::vector<HostKernel>& kernels, Observation& into);

} // namespace kverify::frontend::observe
