// The IR that checks look at: one function a kernel, values in registers. No pass that draws conclusions from undefined
// behaviour.
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include "frontend/module_trim.h"
#include "frontend/passes.h"
#include "verifier/lint/context.h"
#include "verifier/lint/uniform.h"

namespace kverify::verifier::lint {

namespace {

void forceInlining(llvm::Module& module, const std::vector<frontend::KernelInfo>& kernels) {
  for (llvm::Function& function : module) {
    if (function.isDeclaration())
      continue;
    function.removeFnAttr(llvm::Attribute::NoInline);
    function.removeFnAttr(llvm::Attribute::OptimizeNone);
    function.addFnAttr(llvm::Attribute::AlwaysInline);
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      instruction.dropPoisonGeneratingFlags();
      instruction.dropPoisonGeneratingMetadata();
    }
  }
  for (const frontend::KernelInfo& kernel : kernels)
    if (llvm::Function* function = module.getFunction(kernel.mangled))
      function->removeFnAttr(llvm::Attribute::AlwaysInline);
}

/// Reads of registers and sums of what is known at the entry go there, so that equal ones become one.
void hoist(llvm::Function& kernel) {
  llvm::BasicBlock& entry = kernel.getEntryBlock();
  auto is_early = [&](const llvm::Value* value) {
    const auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    return !instruction || instruction->getParent() == &entry;
  };
  llvm::ReversePostOrderTraversal<llvm::Function*> order(&kernel);
  for (llvm::BasicBlock* block : order) {
    if (block == &entry)
      continue;
    for (llvm::Instruction& i : llvm::make_early_inc_range(*block)) {
      bool pure = llvm::isa<llvm::BinaryOperator, llvm::CastInst, llvm::CmpInst, llvm::GetElementPtrInst>(i) ||
                  !registerRead(i).empty();
      if (pure && llvm::all_of(i.operands(), is_early) && llvm::isSafeToSpeculativelyExecute(&i))
        i.moveBefore(entry.getTerminator());
    }
  }
}

} // namespace

void prepareIr(llvm::Module& module, const std::vector<frontend::KernelInfo>& kernels) {
  frontend::eraseUnreachable(module, kernels);
  forceInlining(module, kernels);
  frontend::Passes passes;
  if (!passes.run("always-inline,function(sroa)", module))
    return;
  for (const frontend::KernelInfo& kernel : kernels)
    if (llvm::Function* function = module.getFunction(kernel.mangled); function && !function->isDeclaration())
      hoist(*function);
  passes.run("function(early-cse,loop-simplify)", module);
}

} // namespace kverify::verifier::lint
