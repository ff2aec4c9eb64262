// The IR that checks look at: one function a kernel, values in registers. No pass that draws conclusions from undefined
// behaviour.
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/Error.h>

#include "frontend/module_trim.h"
#include "verifier/lint/context.h"

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

} // namespace

void prepareIr(llvm::Module& module, const std::vector<frontend::KernelInfo>& kernels) {
  frontend::eraseUnreachable(module, kernels);
  forceInlining(module, kernels);
  llvm::PassBuilder builder;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  llvm::ModulePassManager passes;
  if (llvm::Error error = builder.parsePassPipeline(passes, "always-inline,function(sroa,early-cse,loop-simplify)")) {
    llvm::consumeError(std::move(error));
    return;
  }
  passes.run(module, modules);
}

} // namespace kverify::verifier::lint
