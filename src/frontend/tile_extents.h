#pragma once
// The extents that a kernel works in: what an author calls a tile.
#include <cstdint>
#include <vector>

#include "frontend/device_module.h"

namespace kverify::frontend {

/// Extents of shared arrays and constant steps of loops, from 4 to 1024, ascending, each once. A size next to a multiple of
/// one of them is where tails and masks go wrong. Empty where the module can't be read.
std::vector<std::int64_t> tileExtents(const DeviceModule& module);

} // namespace kverify::frontend
