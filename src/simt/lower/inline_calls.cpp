#include "simt/lower/inline_calls.h"

#include <vector>

#include <llvm/ADT/SCCIterator.h>
#include <llvm/Analysis/CallGraph.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "frontend/passes.h"
#include "simt/jit.h"
#include "simt/lower/locals.h"

namespace kverify::simt::lower {
namespace {

constexpr unsigned kLargeModule = 20000; ///< instructions; a tensor-core kernel written out has 2000
constexpr const char* kPromotion = "function(sroa,early-cse,dce)";

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

void inlineCalleesFirst(llvm::Module& module) {
  frontend::Passes passes;
  llvm::FunctionPassManager promotion;
  cantFail(passes.builder().parsePassPipeline(promotion, kPromotion));
  for (llvm::Function* function : calleesFirst(module)) {
    inlineInto(*function);
    keepOutOfBounds(*function);
    promotion.run(*function, passes.functions());
    passes.functions().clear(*function, function->getName());
  }
}

} // namespace

void inlineCalls(llvm::Module& module) {
  if (module.getInstructionCount() > kLargeModule)
    inlineCalleesFirst(module);
  // Promoted first: variables that only ever are what was stored to them, such as the pointers that callees were given. What
  // is read through those is then seen to be inside or outside of its array.
  runPasses(module, "always-inline,globaldce,function(mem2reg)");
  for (llvm::Function& function : module)
    keepOutOfBounds(function);
  runPasses(module, kPromotion);
}

} // namespace kverify::simt::lower
