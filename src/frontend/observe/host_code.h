#pragma once
// The host side of a file as code for this machine, with a way into each entry.
#include <memory>
#include <string>
#include <vector>

#include "frontend/clang_job.h"
#include "frontend/device_module.h"

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace kverify::frontend::observe {

/// A kernel as the host side knows it.
struct HostKernel {
  std::string name; ///< "softmax<float, 4>", as HostLaunch names it
  std::string stub; ///< the symbol whose address a launch names
  KernelInfo info;
};

struct HostCode {
  std::unique_ptr<llvm::LLVMContext> context; ///< outlives the module
  std::unique_ptr<llvm::Module> module;
  std::vector<HostKernel> kernels;
  HostCode();
  HostCode(HostCode&&) noexcept;
  ~HostCode();
};

/// The symbol that calls the entry of this number.
std::string entrySymbol(std::size_t entry);

/// Compiles the host side of what `job` was accepted as (built-in headers only). `entries` are qualified names of functions.
/// Errors: Compile, with clang's first sentence.
Expected<HostCode> compileHostSide(ClangJob job, const std::vector<std::string>& entries);

} // namespace kverify::frontend::observe
