#include "frontend/ir/inline_calls.h"

#include <vector>

#include <llvm/ADT/SCCIterator.h>
#include <llvm/Analysis/CallGraph.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "frontend/passes.h"

namespace kverify::frontend {
namespace {

constexpr unsigned kLargeModule = 20000; ///< instructions; a tensor-core kernel written out has 2000

/// Callees before their callers. Calls within a cycle are left to the caller of this file.
std::vector<llvm::Function*> calleesFirst(llvm::Module& module) {
  std::vector<llvm::Function*> order;
  llvm::CallGraph graph(module);
  for (auto group = llvm::scc_begin(&graph); !group.isAtEnd(); ++group)
    if (!group.hasCycle())
      for (llvm::CallGraphNode* node : *group)
        if (node->getFunction() && !node->getFunction()->isDeclaration())
          order.push_back(node->getFunction());
  return order;
}

void inlineInto(llvm::Function& caller) {
  std::vector<llvm::CallBase*> calls;
  for (llvm::Instruction& at : llvm::instructions(caller))
    if (auto* call = llvm::dyn_cast<llvm::CallBase>(&at))
      if (llvm::Function* callee = call->getCalledFunction();
          callee && !callee->isDeclaration() && callee->hasFnAttribute(llvm::Attribute::AlwaysInline))
        calls.push_back(call);
  for (llvm::CallBase* call : calls) {
    llvm::InlineFunctionInfo info;
    llvm::InlineFunction(*call, info, /*MergeAttributes=*/true);
  }
}

} // namespace

void inlineCalls(llvm::Module& module, const std::function<void(llvm::Function&)>& promote) {
  Passes passes;
  if (module.getInstructionCount() > kLargeModule) {
    passes.run("globaldce", module);
    for (llvm::Function* function : calleesFirst(module)) {
      inlineInto(*function);
      promote(*function);
    }
  }
  passes.run("always-inline,globaldce", module);
  for (llvm::Function& function : module)
    if (!function.isDeclaration())
      promote(function);
}

} // namespace kverify::frontend
