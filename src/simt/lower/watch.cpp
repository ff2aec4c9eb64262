// Arithmetic that a proof could not clear, watched where it is written: by line, in the code as the front-end wrote it,
// since only there signed and unsigned can be told apart.
#include <algorithm>

#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;

void report(Builder& b, llvm::Module& module, const char* name, llvm::Value* condition) {
  auto callee = module.getOrInsertFunction(name, llvm::FunctionType::get(b.getVoidTy(), {b.getInt1Ty()}, false));
  b.CreateCall(callee, {condition});
}

/// Does the exact result differ from the one in the type? In twice the width nothing overflows.
llvm::Value* leavesType(Builder& b, const llvm::BinaryOperator& op) {
  unsigned bits = op.getType()->getIntegerBitWidth();
  llvm::Type* wide = b.getIntNTy(2 * bits);
  llvm::Value* left = b.CreateSExt(op.getOperand(0), wide);
  llvm::Value* right = b.CreateSExt(op.getOperand(1), wide);
  llvm::Value* exact = b.CreateBinOp(op.getOpcode(), left, right);
  return b.CreateICmpNE(b.CreateSExt(b.CreateTrunc(exact, op.getType()), wide), exact);
}

/// The one signed quotient that does not fit.
llvm::Value* leastByMinusOne(Builder& b, const llvm::BinaryOperator& op) {
  llvm::Type* type = op.getType();
  llvm::Value* least = llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(type->getIntegerBitWidth()));
  return b.CreateAnd(b.CreateICmpEQ(op.getOperand(0), least),
                     b.CreateICmpEQ(op.getOperand(1), llvm::Constant::getAllOnesValue(type)));
}

void watch(llvm::Module& module, llvm::BinaryOperator& op) {
  if (!op.getType()->isIntegerTy() || op.getType()->getIntegerBitWidth() > 64)
    return;
  Builder b(&op);
  switch (op.getOpcode()) {
  case llvm::Instruction::Add:
  case llvm::Instruction::Sub:
  case llvm::Instruction::Mul:
    if (op.hasNoSignedWrap())
      report(b, module, "kv_leaves_type_if", leavesType(b, op));
    return;
  case llvm::Instruction::SDiv:
  case llvm::Instruction::SRem: return report(b, module, "kv_leaves_type_if", leastByMinusOne(b, op));
  case llvm::Instruction::Shl:
  case llvm::Instruction::LShr:
  case llvm::Instruction::AShr: {
    llvm::Value* bits = llvm::ConstantInt::get(op.getType(), op.getType()->getIntegerBitWidth());
    return report(b, module, "kv_bad_shift_if", b.CreateICmpUGE(op.getOperand(1), bits));
  }
  default: return;
  }
}

} // namespace

void watchArithmetic(llvm::Module& module, const std::vector<SourceLocation>& lines) {
  if (lines.empty())
    return;
  std::vector<llvm::BinaryOperator*> found;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* op = llvm::dyn_cast<llvm::BinaryOperator>(&instruction);
      const llvm::DILocation* at = instruction.getDebugLoc().get();
      bool watched = op && at && std::any_of(lines.begin(), lines.end(), [&](const SourceLocation& line) {
        return line.line == at->getLine() && line.file == at->getFilename();
      });
      if (watched)
        found.push_back(op);
    }
  for (llvm::BinaryOperator* op : found)
    watch(module, *op);
}

} // namespace kverify::simt::lower
