#include "fuzz/mutate/instrument.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/Module.h>

namespace kverify::mutate {
namespace {

/// Bit for bit.
llvm::Value* equal(llvm::IRBuilder<>& b, const Beside& values) {
  llvm::Type* type = values.original->getType();
  if (!type->isFPOrFPVectorTy())
    return b.CreateICmpEQ(values.original, values.mutated);
  llvm::Type* bits = b.getIntNTy(static_cast<unsigned>(type->getPrimitiveSizeInBits().getFixedValue()));
  return b.CreateICmpEQ(b.CreateBitCast(values.original, bits), b.CreateBitCast(values.mutated, bits));
}

/// void kverify.stop_unless(i1): one block stays one block where it is called.
llvm::Function* stopUnless(llvm::Module& module) {
  constexpr const char* kName = "kverify.stop_unless";
  if (llvm::Function* known = module.getFunction(kName))
    return known;
  llvm::LLVMContext& context = module.getContext();
  auto* kind = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {llvm::Type::getInt1Ty(context)}, false);
  auto* function = llvm::Function::Create(kind, llvm::GlobalValue::InternalLinkage, kName, module);
  function->addFnAttr(llvm::Attribute::AlwaysInline);
  auto* entry = llvm::BasicBlock::Create(context, "", function);
  auto* stop = llvm::BasicBlock::Create(context, "", function);
  auto* go_on = llvm::BasicBlock::Create(context, "", function);
  llvm::IRBuilder<> b(entry);
  b.CreateCondBr(function->getArg(0), go_on, stop);
  b.SetInsertPoint(stop);
  b.CreateIntrinsic(llvm::Intrinsic::trap, {}, {});
  b.CreateUnreachable();
  b.SetInsertPoint(go_on);
  b.CreateRetVoid();
  return function;
}

void claim(llvm::IRBuilder<>& b, llvm::Value* holds, const std::string& text) {
  llvm::Module& module = *b.GetInsertBlock()->getModule();
  auto callee = module.getOrInsertFunction(
      "__kv_assert", llvm::FunctionType::get(b.getVoidTy(), {b.getInt1Ty(), b.getPtrTy()}, false));
  b.CreateCall(callee, {holds, b.CreateGlobalString(text)});
}

} // namespace

llvm::Instruction* placeOf(const Edit& edit) {
  llvm::Instruction* at = edit.executes ? edit.executes : edit.at;
  return llvm::isa<llvm::PHINode>(at) ? &*at->getParent()->getFirstInsertionPt() : at;
}

void trapAt(llvm::Instruction& place) {
  llvm::IRBuilder<> b(&place);
  b.CreateIntrinsic(llvm::Intrinsic::trap, {}, {});
}

void trapWhereUnequal(const Beside& values) {
  llvm::IRBuilder<> b(values.before);
  b.CreateCall(stopUnless(*values.before->getModule()), {equal(b, values)});
}

void claimNever(llvm::Instruction& place, const std::string& text) {
  llvm::IRBuilder<> b(&place);
  claim(b, b.getFalse(), text);
}

void claimEqual(const Beside& values, const std::string& text) {
  if (!values.original->getType()->isIntegerTy())
    return;
  llvm::IRBuilder<> b(values.before);
  claim(b, equal(b, values), text);
}

} // namespace kverify::mutate
