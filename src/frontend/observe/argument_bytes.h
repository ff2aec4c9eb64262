#pragma once
// What the bytes of an argument are.
#include <cstdint>
#include <optional>

#include "frontend/observe/observation.h"

namespace kverify::frontend::observe {

std::uint64_t addressIn(const std::uint8_t* bytes);
std::int64_t integerIn(const KernelParam& param, const std::uint8_t* bytes);
/// Nothing for numbers that are neither floats nor doubles.
std::optional<double> realIn(const KernelParam& param, const std::uint8_t* bytes);
/// Index of the memory that the address points into, or right behind.
std::optional<std::size_t> memoryAt(const Observation& seen, std::uint64_t address);

} // namespace kverify::frontend::observe
