#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "frontend/ir/natural_alignment.h"
#include "simt/lower/lower.h"
#include "simt/lower/padding.h"

namespace kverify::simt::lower {
namespace {

/// Keeps only what says how arguments are passed.
llvm::AttributeList passingAttributes(llvm::LLVMContext& context, llvm::AttributeList list, unsigned parameters) {
  llvm::AttributeList kept;
  for (unsigned i = 0; i < parameters; ++i)
    for (auto kind : {llvm::Attribute::ByVal, llvm::Attribute::StructRet, llvm::Attribute::Alignment})
      if (list.hasParamAttr(i, kind))
        kept = kept.addParamAttribute(context, i, list.getParamAttr(i, kind));
  return kept;
}

void clean(llvm::Instruction& instruction) {
  llvm::LLVMContext& context = instruction.getContext();
  instruction.dropUnknownNonDebugMetadata({context.getMDKindID(kNoInstrument), context.getMDKindID(kPadding)});
  instruction.dropPoisonGeneratingFlags();
  if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction)) {
    call->setTailCallKind(llvm::CallInst::TCK_None);
    call->setCallingConv(llvm::CallingConv::C);
    call->setAttributes(passingAttributes(call->getContext(), call->getAttributes(), call->arg_size()));
  }
}

} // namespace

void retarget(llvm::Module& module, const std::string& data_layout) {
  module.setTargetTriple("x86_64-unknown-linux-gnu");
  module.setDataLayout(data_layout);
  frontend::restoreNaturalAlignment(module);
  for (const char* name : {"nvvm.annotations", "nvvmir.version", "llvm.ident"})
    if (llvm::NamedMDNode* node = module.getNamedMetadata(name))
      module.eraseNamedMetadata(node);
  for (const char* name : {"llvm.used", "llvm.compiler.used"})
    if (llvm::GlobalVariable* used = module.getNamedGlobal(name))
      used->eraseFromParent();
  for (llvm::Function& function : module) {
    if (function.isIntrinsic())
      continue;
    function.setCallingConv(llvm::CallingConv::C);
    function.setAttributes(passingAttributes(module.getContext(), function.getAttributes(), function.arg_size()));
    function.setComdat(nullptr);
    function.addFnAttr(llvm::Attribute::NoUnwind);
    if (!function.isDeclaration())
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
    for (llvm::Instruction& instruction : llvm::instructions(function))
      clean(instruction);
  }
}

void resolveReflect(llvm::Module& module, unsigned sm) {
  llvm::Function* reflect = module.getFunction("__nvvm_reflect");
  if (!reflect)
    return;
  std::vector<llvm::CallInst*> calls;
  for (llvm::User* user : reflect->users())
    if (auto* call = llvm::dyn_cast<llvm::CallInst>(user))
      calls.push_back(call);
  for (llvm::CallInst* call : calls) {
    unsigned value = 0;
    auto* global = llvm::dyn_cast<llvm::GlobalVariable>(call->getArgOperand(0)->stripPointerCasts());
    if (global && global->hasInitializer())
      if (auto* text = llvm::dyn_cast<llvm::ConstantDataSequential>(global->getInitializer()))
        if (text->isString() && text->getAsString().starts_with("__CUDA_ARCH"))
          value = sm * 10;
    call->replaceAllUsesWith(llvm::ConstantInt::get(call->getType(), value));
    call->eraseFromParent();
  }
}

} // namespace kverify::simt::lower
