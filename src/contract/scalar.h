#pragma once
// Values of kernel parameters that are passed by value.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "frontend/device_module.h"
#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::contract {

/// How a by-value parameter is stored, or nothing for a struct that is not one number.
std::optional<ScalarType> scalarTypeOf(const frontend::KernelParam& param);

std::size_t sizeOf(ScalarType type);
bool isFloat(ScalarType type);

/// The value in the type's own bytes, little endian. Errors: Input where an integer is outside the type.
Expected<std::vector<std::uint8_t>> scalarBytes(ScalarType type, const Expr& value, const Sizes& sizes,
                                                const std::string& place);

/// Puts a field of a struct in its place: a number's bytes, or a pointer.
void putField(StructArg& whole, std::uint32_t offset, const KernelArg& value);

} // namespace kverify::contract
