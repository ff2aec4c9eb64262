#pragma once
// How much memory there is to give away.
#include <cstdint>

namespace kverify::sandbox {

/// Bytes that this process and its children may still take: what the machine has available, or what is left of the
/// control group's limit (version 1 or 2) where that is less. 0 where nothing is known.
std::uint64_t availableMemory();

} // namespace kverify::sandbox
