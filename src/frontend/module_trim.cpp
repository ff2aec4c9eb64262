#include "frontend/module_trim.h"

#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

namespace kverify::frontend {
namespace {

constexpr unsigned kSharedAddressSpace = 3;

using Reached = llvm::SetVector<const llvm::GlobalValue*>;

/// Adds every global that a constant mentions, through casts and aggregates.
void addGlobals(const llvm::Constant& constant, Reached& reached,
                llvm::SmallPtrSetImpl<const llvm::Constant*>& visited) {
  if (const auto* global = llvm::dyn_cast<llvm::GlobalValue>(&constant)) {
    reached.insert(global);
    return;
  }
  if (!visited.insert(&constant).second)
    return;
  for (const llvm::Use& operand : constant.operands())
    if (const auto* inner = llvm::dyn_cast<llvm::Constant>(operand))
      addGlobals(*inner, reached, visited);
}

/// Everything reachable from `roots`; grows while it is walked.
void close(Reached& reached) {
  llvm::SmallPtrSet<const llvm::Constant*, 32> visited;
  for (unsigned i = 0; i < reached.size(); ++i) {
    const llvm::GlobalValue* global = reached[i];
    if (const auto* function = llvm::dyn_cast<llvm::Function>(global)) {
      for (const llvm::Instruction& instruction : llvm::instructions(function))
        for (const llvm::Use& operand : instruction.operands())
          if (const auto* constant = llvm::dyn_cast<llvm::Constant>(operand))
            addGlobals(*constant, reached, visited);
    } else {
      for (const llvm::Use& operand : global->operands())
        if (const auto* constant = llvm::dyn_cast<llvm::Constant>(operand))
          addGlobals(*constant, reached, visited);
    }
  }
}

bool isBookkeeping(const llvm::GlobalValue& global) {
  return global.getName().starts_with("llvm.");
}

/// llvm.used and llvm.compiler.used keep variables alive for other tools; here only kernels do.
void dropUsedLists(llvm::Module& module) {
  for (const char* name : {"llvm.used", "llvm.compiler.used", "llvm.global_ctors", "llvm.global_dtors"})
    if (llvm::GlobalVariable* list = module.getGlobalVariable(name))
      list->eraseFromParent();
}

} // namespace

void eraseUnreachable(llvm::Module& module, const std::vector<KernelInfo>& kernels) {
  Reached reached;
  for (const KernelInfo& kernel : kernels)
    if (const llvm::Function* function = module.getFunction(kernel.mangled))
      reached.insert(function);
  close(reached);
  dropUsedLists(module);
  std::vector<llvm::GlobalValue*> dead;
  for (llvm::GlobalValue& global : module.global_values())
    if (!reached.contains(&global) && !isBookkeeping(global))
      dead.push_back(&global);
  for (llvm::GlobalValue* global : dead) {
    if (auto* function = llvm::dyn_cast<llvm::Function>(global))
      function->deleteBody();
    else if (auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(global))
      variable->setInitializer(nullptr);
  }
  for (llvm::GlobalValue* global : dead) {
    global->removeDeadConstantUsers();
    if (global->use_empty())
      global->eraseFromParent();
  }
}

void measureSharedMemory(const llvm::Module& module, std::vector<KernelInfo>& kernels) {
  for (KernelInfo& kernel : kernels) {
    const llvm::Function* function = module.getFunction(kernel.mangled);
    if (!function)
      continue;
    Reached reached;
    reached.insert(function);
    close(reached);
    std::uint64_t bytes = 0;
    for (const llvm::GlobalValue* global : reached) {
      const auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(global);
      if (!variable || variable->getAddressSpace() != kSharedAddressSpace || variable->isDeclaration())
        continue;
      std::uint64_t alignment = variable->getAlign().valueOrOne().value();
      bytes = (bytes + alignment - 1) / alignment * alignment;
      bytes += module.getDataLayout().getTypeAllocSize(variable->getValueType()).getFixedValue();
    }
    kernel.static_shared_bytes = static_cast<std::uint32_t>(bytes);
  }
}

std::string toBitcode(const llvm::Module& module) {
  std::string bytes;
  llvm::raw_string_ostream out(bytes);
  llvm::WriteBitcodeToFile(module, out);
  return bytes;
}

} // namespace kverify::frontend
