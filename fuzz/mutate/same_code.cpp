#include "fuzz/mutate/same_code.h"

#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Support/raw_ostream.h>

#include "frontend/passes.h"

namespace kverify::mutate {
namespace {

/// Promises on which an optimisation could turn a wrong program into the right one.
void dropPromises(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::Instruction& at : llvm::instructions(function)) {
      at.dropPoisonGeneratingFlags();
      at.dropUnknownNonDebugMetadata();
    }
}

/// Of values and blocks. What is called, and shared memory, keep theirs.
void dropNames(llvm::Module& module) {
  for (llvm::Function& function : module) {
    for (llvm::Argument& argument : function.args())
      argument.setName("");
    for (llvm::BasicBlock& block : function) {
      block.setName("");
      for (llvm::Instruction& at : block)
        at.setName("");
    }
  }
}

} // namespace

std::string canonicalCode(llvm::Module& module) {
  llvm::StripDebugInfo(module);
  dropPromises(module);
  frontend::Passes passes;
  if (!passes.run("always-inline,default<O2>,function(instcombine,gvn,dse,adce,simplifycfg)", module))
    return {};
  dropPromises(module);
  dropNames(module);
  module.setSourceFileName("");
  std::string text;
  llvm::raw_string_ostream out(text);
  for (const llvm::Function& function : module)
    if (!function.isDeclaration())
      function.print(out);
  return text;
}

} // namespace kverify::mutate
