#pragma once
// A run as a path: the launches, arguments and sizes of memory that were seen, all of them numbers.
#include <variant>

#include "frontend/observe/cases.h"
#include "frontend/observe/host_code.h"

namespace kverify::frontend::observe {

/// `inputs` is what the run was given, with `sizes`. Missing: a launch that can't be made again from what was seen.
std::variant<host::HostPath, host::Missing> observedPath(const host::HostPath& inputs, const Sizes& sizes, const HostCode& code, const Observation& seen);

} // namespace kverify::frontend::observe
