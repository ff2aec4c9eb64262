#pragma once
#include <cstdint>

#include "simt/machine/machine.h"

namespace kverify::simt {

/// Device printf: `arguments` is the packed buffer of CUDA's vprintf (each at its natural alignment, floats as double).
/// Returns the number of arguments that the format consumed, as CUDA does. A pointer outside device memory prints as
/// such.
std::uint32_t printDevice(Machine& machine, const char* format, const void* arguments);

} // namespace kverify::simt
