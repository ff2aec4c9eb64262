// No optimisation that uses undefined behaviour runs before a proof: inlining, registers, simple control flow, no more.
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Support/Error.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "frontend/ir/inline_calls.h"
#include "frontend/ir/local_objects.h"
#include "frontend/ir/natural_alignment.h"
#include "frontend/ir/promotion.h"
#include "frontend/ir/whole_reads.h"
#include "frontend/passes.h"
#include "simt/ptx/lower.h"
#include "verifier/model/builder.h"

namespace kverify::verifier {

namespace {

// PTX means what it means to the executor: its tables turn it into loads, stores, arithmetic and calls named kv_*. What
// they do not know becomes kv_unsupported, which the model refuses where the kernel reaches it.
void lowerPtx(llvm::Module& module) {
  std::vector<std::string> refused;
  simt::ptx::lowerInlineAsm(module, refused);
  simt::ptx::lowerMathIntrinsics(module, refused);
}

// Even the simplifier of common subexpressions folds x *nsw y / y to x: what wraps must wrap in the proof as well.
void dropPromises(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      instruction.dropPoisonGeneratingFlags();
      instruction.dropPoisonGeneratingMetadata();
    }
}

bool goesNowhere(const llvm::Instruction* last) {
  auto* call = llvm::dyn_cast_or_null<llvm::CallBase>(last);
  if (!call || call->doesNotReturn())
    return call != nullptr;
  const llvm::Function* callee = call->getCalledFunction();
  return callee && (callee->getIntrinsicID() == llvm::Intrinsic::trap || callee->getName() == "llvm.nvvm.exit" ||
                    callee->getName() == "kv_trap" || callee->getName() == "kv_exit" || callee->getName() == "__assertfail");
}

// That something is never reached or always true is for the proof to say: the simplifier would leave out what it takes to
// be there, and take the condition for true.
void dropClaims(llvm::Module& module) {
  std::vector<llvm::Instruction*> assumed, ends;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      if (llvm::isa<llvm::AssumeInst>(instruction))
        assumed.push_back(&instruction);
      if (llvm::isa<llvm::UnreachableInst>(instruction) && !goesNowhere(instruction.getPrevNonDebugInstruction()))
        ends.push_back(&instruction);
    }
  for (llvm::Instruction* one : assumed)
    one->eraseFromParent();
  for (llvm::Instruction* end : ends) {
    llvm::IRBuilder<> build(end);
    build.CreateCall(module.getOrInsertFunction(kNeverReached, build.getVoidTy()));
  }
}

void forceInlining(llvm::Module& module, llvm::Function& kernel) {
  for (llvm::Function& function : module) {
    if (function.isDeclaration() || &function == &kernel)
      continue;
    function.removeFnAttr(llvm::Attribute::NoInline);
    function.removeFnAttr(llvm::Attribute::OptimizeNone);
    function.addFnAttr(llvm::Attribute::AlwaysInline);
    function.setLinkage(llvm::GlobalValue::InternalLinkage); // not kept for others
  }
}

/// Annotations touch no memory of the kernel's.
void tellPure(llvm::Module& module) {
  for (llvm::Function& function : module)
    if (isAnnotation(function.getName())) {
      function.setOnlyAccessesInaccessibleMemory();
      function.setDoesNotThrow();
      function.setWillReturn();
    }
}

void splitBehindRequirements(llvm::Function& kernel) {
  std::vector<llvm::Instruction*> ends;
  for (llvm::Instruction& instruction : llvm::instructions(kernel))
    if (endsBlock(instruction) && !instruction.getNextNode()->isTerminator())
      ends.push_back(instruction.getNextNode());
  for (llvm::Instruction* behind : ends)
    llvm::SplitBlock(behind->getParent(), behind);
}

} // namespace

bool prepareKernel(llvm::Module& module, llvm::StringRef name) {
  llvm::Function* kernel = module.getFunction(name);
  if (!kernel || kernel->isDeclaration())
    return false;
  frontend::restoreNaturalAlignment(module);
  lowerPtx(module);
  tellPure(module);
  dropPromises(module);
  dropClaims(module);
  forceInlining(module, *kernel);
  initialiseVariables(module);
  frontend::noteWholeReads(module);
  auto guard = [](llvm::Function& function) {
    frontend::forgetReadsOfLocals(function);
    keepOutside(function);
  };
  frontend::Promotion promotion(guard, "");
  frontend::Passes passes;
  llvm::FunctionPassManager simpler;
  if (passes.builder().parsePassPipeline(simpler, "early-cse,dce"))
    return false;
  frontend::inlineCalls(module, [&](llvm::Function& function) {
    promotion.run(function);
    refuseUndefined(function);
    if (&function != kernel) { // the kernel's turn comes below
      simpler.run(function, passes.functions());
      passes.functions().clear(function, function.getName());
    }
  });
  frontend::dropFirstValues(*kernel); // the model knows nothing of what is in memory anyway
  if (!passes.run("function(early-cse,simplifycfg,loop-simplify,lcssa)", module))
    return false;
  llvm::FunctionPassManager again;
  if (unrollStages(*kernel, passes.functions()) &&
      !passes.builder().parsePassPipeline(again, "early-cse,simplifycfg,loop-simplify,lcssa"))
    again.run(*kernel, passes.functions());
  frontend::forgetReadsThatAreThere(*kernel); // and stay: nothing is deleted any more
  splitBehindRequirements(*kernel);
  return true;
}

SourceLocation locationOf(const llvm::Instruction& instruction) {
  const llvm::DILocation* at = instruction.getDebugLoc().get();
  // What our own headers do is done by whoever called them.
  while (at && at->getInlinedAt() && at->getFilename().starts_with("/kverify/cuda/"))
    at = at->getInlinedAt();
  if (!at)
    return {};
  return {at->getFilename().str(), at->getLine(), at->getColumn(), at->getScope()->getSubprogram()->getName().str()};
}

} // namespace kverify::verifier
