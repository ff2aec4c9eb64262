#pragma once
// Does a contract fit the kernels it launches?
#include <span>
#include <string_view>

#include "frontend/device_module.h"
#include "kverify/contract.h"

namespace kverify::contract {

/// The kernel with this written name; blanks do not matter ("flash<64,true>" is "flash<64, true>"). Null if none.
const frontend::KernelInfo* findKernel(std::span<const frontend::KernelInfo> kernels, std::string_view written);

/// Checks every launch against its kernel's signature: number of arguments, pointer or value, element types.
/// Errors: Input, one sentence that names the argument, its type, and what was expected; the place is in the contract.
Expected<void> fit(const Contract& contract, std::span<const frontend::KernelInfo> kernels);

} // namespace kverify::contract
