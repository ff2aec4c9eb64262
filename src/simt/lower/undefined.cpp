#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;

/// x86 traps where a GPU goes on: report a zero divisor, then divide by one; INT_MIN / -1 wraps as on the GPU.
void guardDivision(llvm::Module& m, llvm::BinaryOperator& division) {
  llvm::Value* divisor = division.getOperand(1);
  if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(divisor);
      constant && !constant->isZero() && !constant->isMinusOne())
    return;
  Builder b(&division);
  llvm::Type* type = divisor->getType();
  llvm::Value* zero = b.CreateICmpEQ(divisor, llvm::ConstantInt::get(type, 0));
  auto report =
      m.getOrInsertFunction("kv_divide_by_zero_if", llvm::FunctionType::get(b.getVoidTy(), {b.getInt1Ty()}, false));
  b.CreateCall(report, {type->isVectorTy() ? b.CreateOrReduce(zero) : zero});
  llvm::Value* one = llvm::ConstantInt::get(type, 1);
  llvm::Value* safe = b.CreateSelect(zero, one, divisor);
  bool is_signed = division.getOpcode() == llvm::Instruction::SDiv || division.getOpcode() == llvm::Instruction::SRem;
  if (is_signed) {
    llvm::Value* minimum = llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(type->getScalarSizeInBits()));
    llvm::Value* wraps = b.CreateAnd(b.CreateICmpEQ(division.getOperand(0), minimum),
                                     b.CreateICmpEQ(divisor, llvm::ConstantInt::getAllOnesValue(type)));
    safe = b.CreateSelect(wraps, one, safe);
  }
  division.setOperand(1, safe);
}

/// PTX clamps the amount: shl and shr.u give 0, shr.s the sign.
void clampShift(llvm::BinaryOperator& shift) {
  llvm::Value* amount = shift.getOperand(1);
  llvm::Type* type = amount->getType();
  unsigned bits = type->getScalarSizeInBits();
  if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(amount); constant && constant->getValue().ult(bits))
    return;
  Builder b(&shift);
  llvm::Value* inside = b.CreateICmpULT(amount, llvm::ConstantInt::get(type, bits));
  shift.setOperand(1, b.CreateSelect(inside, amount, llvm::ConstantInt::get(type, bits - 1)));
  if (shift.getOpcode() == llvm::Instruction::AShr)
    return;
  b.SetInsertPoint(shift.getNextNode());
  llvm::Value* result = b.CreateSelect(inside, &shift, llvm::ConstantInt::get(type, 0));
  shift.replaceUsesWithIf(result, [&](llvm::Use& use) { return use.getUser() != result; });
}

/// PTX cvt saturates and turns NaN into 0.
void saturate(llvm::CastInst& cast) {
  Builder b(&cast);
  bool is_signed = cast.getOpcode() == llvm::Instruction::FPToSI;
  llvm::Value* result = b.CreateIntrinsic(is_signed ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat,
                                          {cast.getType(), cast.getOperand(0)->getType()}, {cast.getOperand(0)});
  cast.replaceAllUsesWith(result);
  cast.eraseFromParent();
}

} // namespace

void defineUndefined(llvm::Module& module) {
  std::vector<llvm::Instruction*> work;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      work.push_back(&instruction);
  for (llvm::Instruction* instruction : work) {
    switch (instruction->getOpcode()) {
    case llvm::Instruction::SDiv:
    case llvm::Instruction::UDiv:
    case llvm::Instruction::SRem:
    case llvm::Instruction::URem: guardDivision(module, *llvm::cast<llvm::BinaryOperator>(instruction)); break;
    case llvm::Instruction::Shl:
    case llvm::Instruction::LShr:
    case llvm::Instruction::AShr: clampShift(*llvm::cast<llvm::BinaryOperator>(instruction)); break;
    case llvm::Instruction::FPToSI:
    case llvm::Instruction::FPToUI: saturate(*llvm::cast<llvm::CastInst>(instruction)); break;
    default: break;
    }
  }
}

} // namespace kverify::simt::lower
