#pragma once
// Small facts and clean-ups on the generated module. None of them looks into a kernel's code.
#include <string>
#include <vector>

#include "frontend/device_module.h"

namespace llvm {
class Module;
}

namespace kverify::frontend {

/// Erases functions and variables that no kernel of `kernels` reaches: clang emits every non-inline device function.
void eraseUnreachable(llvm::Module& module, const std::vector<KernelInfo>& kernels);

/// Fills KernelInfo::static_shared_bytes: the __shared__ variables each kernel reaches, each at its alignment.
void measureSharedMemory(const llvm::Module& module, std::vector<KernelInfo>& kernels);

std::string toBitcode(const llvm::Module& module);

} // namespace kverify::frontend
