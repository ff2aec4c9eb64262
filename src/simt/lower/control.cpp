// Control flow that a host must not follow blindly: calls through pointers, places that "cannot be reached", and memory
// intrinsics that nobody instruments.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;

void callWithText(Builder& b, llvm::Module& m, const char* function, const std::string& text) {
  auto callee = m.getOrInsertFunction(function, llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy()}, false));
  b.CreateCall(callee, {b.CreateGlobalString(text, "kv_text")});
}

bool isRuntimeName(llvm::StringRef name) {
  return name.starts_with("kv_") || name.starts_with("kv.") || name.starts_with("__nv_") || name.starts_with("llvm.");
}

/// A function of the program that is only declared, and whose address is taken (a pure virtual one), gets a body.
void defineMissing(llvm::Module& module) {
  std::vector<llvm::Function*> missing;
  for (llvm::Function& function : module)
    if (function.isDeclaration() && !isRuntimeName(function.getName()) && function.hasAddressTaken())
      missing.push_back(&function);
  for (llvm::Function* function : missing) {
    auto* body = llvm::Function::Create(function->getFunctionType(), llvm::GlobalValue::InternalLinkage,
                                        function->getName() + ".missing", module);
    body->addFnAttr(llvm::Attribute::NoUnwind);
    Builder b(llvm::BasicBlock::Create(module.getContext(), "", body));
    callWithText(b, module, "kv_unsupported", "call of " + function->getName().str());
    if (body->getReturnType()->isVoidTy())
      b.CreateRetVoid();
    else
      b.CreateRet(llvm::Constant::getNullValue(body->getReturnType()));
    function->replaceUsesWithIf(body, [](llvm::Use& use) {
      auto* call = llvm::dyn_cast<llvm::CallBase>(use.getUser());
      return !call || !call->isCallee(&use);
    });
  }
}

/// if (pointer == &f) f(...) else if ... else a fault. Direct calls can be inlined, and a wild pointer is not followed.
void dispatch(llvm::Module& module, llvm::CallInst& call, const std::vector<llvm::Function*>& candidates) {
  llvm::Value* pointer = call.getCalledOperand();
  llvm::BasicBlock* head = call.getParent();
  llvm::BasicBlock* rest = head->splitBasicBlock(&call);
  head->getTerminator()->eraseFromParent();
  llvm::Function* function = head->getParent();
  llvm::Type* type = call.getType();
  std::vector<std::pair<llvm::Value*, llvm::BasicBlock*>> results;
  std::vector<llvm::Value*> arguments(call.arg_begin(), call.arg_end());
  Builder b(head);
  b.SetCurrentDebugLocation(call.getDebugLoc());
  for (llvm::Function* candidate : candidates) {
    auto* match = llvm::BasicBlock::Create(module.getContext(), "", function, rest);
    auto* next = llvm::BasicBlock::Create(module.getContext(), "", function, rest);
    b.CreateCondBr(b.CreateICmpEQ(pointer, candidate), match, next);
    b.SetInsertPoint(match);
    llvm::CallInst* direct = b.CreateCall(candidate, arguments);
    direct->setAttributes(call.getAttributes());
    results.push_back({direct, match});
    b.CreateBr(rest);
    b.SetInsertPoint(next);
  }
  callWithText(b, module, "kv_trap_because",
               "a call through a pointer that is not the address of a function of its type");
  if (!type->isVoidTy())
    results.push_back({llvm::Constant::getNullValue(type), b.GetInsertBlock()});
  b.CreateBr(rest);
  if (!type->isVoidTy()) {
    Builder join(rest, rest->begin());
    llvm::PHINode* result = join.CreatePHI(type, static_cast<unsigned>(results.size()));
    for (auto [value, from] : results)
      result->addIncoming(value, from);
    call.replaceAllUsesWith(result);
  }
  call.eraseFromParent();
}

/// Barriers of the whole grid need blocks that run at the same time; the toolkit's own would spin for ever.
void refuseGridBarriers(llvm::Module& module) {
  for (llvm::Function& function : module) {
    if (function.isDeclaration() || !function.getName().contains("cooperative_groups") ||
        !function.getName().contains("sync_grids"))
      continue;
    function.deleteBody();
    Builder b(llvm::BasicBlock::Create(module.getContext(), "", &function));
    callWithText(b, module, "kv_unsupported", "a barrier of the whole grid (cooperative launch)");
    if (function.getReturnType()->isVoidTy())
      b.CreateRetVoid();
    else
      b.CreateRet(llvm::Constant::getNullValue(function.getReturnType()));
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
  }
}

/// Intrinsics that touch memory and that the executor knows.
bool isKnownMemoryIntrinsic(const llvm::IntrinsicInst& call) {
  if (llvm::isa<llvm::DbgInfoIntrinsic, llvm::AssumeInst>(call) || call.isLifetimeStartOrEnd())
    return true;
  switch (call.getIntrinsicID()) {
  case llvm::Intrinsic::memcpy:
  case llvm::Intrinsic::memcpy_inline:
  case llvm::Intrinsic::memmove:
  case llvm::Intrinsic::memset:
  case llvm::Intrinsic::memset_inline:
  case llvm::Intrinsic::stacksave:
  case llvm::Intrinsic::stackrestore:
  case llvm::Intrinsic::invariant_start:
  case llvm::Intrinsic::invariant_end:
  case llvm::Intrinsic::prefetch:
  case llvm::Intrinsic::sideeffect:
  case llvm::Intrinsic::experimental_noalias_scope_decl: return true;
  default: return false;
  }
}

void rejectMemoryIntrinsic(llvm::Module& module, llvm::IntrinsicInst& call) {
  llvm::Function* callee = call.getCalledFunction();
  if (callee->getName().starts_with("llvm.nvvm.") || callee->doesNotAccessMemory() ||
      callee->onlyAccessesInaccessibleMemory() || isKnownMemoryIntrinsic(call))
    return;
  Builder b(&call);
  callWithText(b, module, "kv_unsupported", "call of " + callee->getName().str());
  if (!call.getType()->isVoidTy())
    call.replaceAllUsesWith(llvm::Constant::getNullValue(call.getType()));
  call.eraseFromParent();
}

} // namespace

void guardControl(llvm::Module& module) {
  refuseGridBarriers(module);
  defineMissing(module);
  std::vector<llvm::CallInst*> indirect;
  std::vector<llvm::IntrinsicInst*> intrinsics;
  std::vector<llvm::UnreachableInst*> ends;
  std::vector<llvm::AllocaInst*> dynamic;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      if (call && !call->getCalledFunction() && !call->isInlineAsm())
        indirect.push_back(call);
      if (auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction))
        intrinsics.push_back(intrinsic);
      if (auto* end = llvm::dyn_cast<llvm::UnreachableInst>(&instruction))
        ends.push_back(end);
      if (auto* array = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
          array && !llvm::isa<llvm::Constant>(array->getArraySize()))
        dynamic.push_back(array);
    }
  for (llvm::UnreachableInst* end : ends) {
    // After __trap(), exit and assert nobody comes here; otherwise an optimiser may delete what leads here.
    Builder b(end);
    callWithText(b, module, "kv_trap_because",
                 "the end of a function that must return a value, or __builtin_unreachable(), is reached");
  }
  for (llvm::AllocaInst* array : dynamic) {
    Builder b(array);
    callWithText(b, module, "kv_unsupported", "alloca() of variable size");
    array->setOperand(0, llvm::ConstantInt::get(array->getArraySize()->getType(), 1));
  }
  for (llvm::IntrinsicInst* intrinsic : intrinsics)
    rejectMemoryIntrinsic(module, *intrinsic);
  for (llvm::CallInst* call : indirect) {
    std::vector<llvm::Function*> candidates;
    for (llvm::Function& function : module)
      if (!function.isDeclaration() && function.hasAddressTaken() &&
          function.getFunctionType() == call->getFunctionType())
        candidates.push_back(&function);
    dispatch(module, *call, candidates);
  }
}

} // namespace kverify::simt::lower
