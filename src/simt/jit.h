#pragma once
// Lowered module -> machine code, by ORC.
#include <memory>
#include <string>
#include <vector>

#include "kverify/error.h"
#include "simt/machine/machine.h"
#include "simt/shadow/shadow.h"
#include "simt/site_table.h"

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace kverify::simt {

/// Machine code of one module, alive as long as this object.
class Jit {
public:
  virtual ~Jit() = default;
  /// Address of a symbol of the module. Errors: Internal, with the names that the linker missed.
  virtual Expected<void*> lookup(const std::string& symbol) = 0;
};

/// The data layout of the machine code that will come out.
std::string hostDataLayout();

/// Optimises and compiles. Errors: Internal (a symbol that is not on the allow-list, or LLVM's own complaint).
Expected<std::unique_ptr<Jit>> compile(std::unique_ptr<llvm::Module> module,
                                       std::unique_ptr<llvm::LLVMContext> context);

/// Runs a textual pass pipeline on the module.
void runPasses(llvm::Module& module, const char* pipeline);

/// Links the bitcode runtime (checks, mathematics, the shadow values of a domain) into the module: only what it calls, as internal functions.
Expected<void> linkRuntime(llvm::Module& module, ShadowDomain shadow);

} // namespace kverify::simt
