#pragma once
// The fast filter's second look at an access that the inlined check could not clear.
#include <cstdint>

#include "simt/machine/machine.h"

namespace kverify::simt {

/// True if the access is certainly fine (its cells are updated); false is a doubt.
bool clearSlowly(Thread& thread, std::uint64_t address, std::uint64_t bytes, std::uint32_t align, std::uint32_t kind);

} // namespace kverify::simt
