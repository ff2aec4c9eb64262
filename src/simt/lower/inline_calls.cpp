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

/// To registers, with what leaves its array still to be seen. Variables that only ever are what was stored to them go
/// first, and those that hold pointers: what is read through these is then known to be inside or outside of its array.
class Promotion {
public:
  explicit Promotion(bool checks) : checks_(checks) {
    for (auto [manager, pipeline] : {std::pair(&scalars_, "mem2reg"), {&pointers_, "sroa,early-cse"}, {&all_, "sroa,early-cse,dce"}})
      cantFail(passes_.builder().parsePassPipeline(*manager, pipeline));
  }

  void run(llvm::Function& function) {
    auto apply = [&](llvm::FunctionPassManager& manager) {
      manager.run(function, passes_.functions());
      passes_.functions().clear(function, function.getName());
    };
    if (checks_) {
      apply(scalars_);
      keepOutOfBounds(function);
      if (hasPointersInMemory(function)) {
        {
          PointersFirst others_stay(function);
          apply(pointers_);
        }
        apply(scalars_);
        keepOutOfBounds(function);
      }
    }
    apply(all_);
  }

private:
  bool checks_;
  frontend::Passes passes_;
  llvm::FunctionPassManager scalars_, pointers_, all_;
};

} // namespace

void inlineCalls(llvm::Module& module, bool checks) {
  Promotion promotion(checks);
  if (module.getInstructionCount() > kLargeModule)
    for (llvm::Function* function : calleesFirst(module)) {
      inlineInto(*function);
      promotion.run(*function);
    }
  runPasses(module, "always-inline,globaldce");
  for (llvm::Function& function : module)
    if (!function.isDeclaration())
      promotion.run(function);
}

} // namespace kverify::simt::lower
