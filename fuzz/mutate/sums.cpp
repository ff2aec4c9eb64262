// Accumulators: what they are scaled with, and how exactly they are kept.
#include <fmt/format.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>

#include "fuzz/mutate/sites.h"

namespace kverify::mutate {
namespace {

/// Is the result, at once or after a few sums, stored where `operand` was loaded?
bool flowsBack(const llvm::Instruction& from, const llvm::Value* operand, unsigned depth = 3) {
  const auto* load = llvm::dyn_cast<llvm::LoadInst>(operand);
  if (!load || depth == 0)
    return false;
  for (const llvm::User* user : from.users()) {
    const auto* store = llvm::dyn_cast<llvm::StoreInst>(user);
    if (store && store->getValueOperand() == &from && samePlace(store->getPointerOperand(), load->getPointerOperand()))
      return true;
    const auto* next = llvm::dyn_cast<llvm::Instruction>(user);
    bool adds = next && (next->getOpcode() == llvm::Instruction::FAdd || next->getOpcode() == llvm::Instruction::FSub);
    if (adds && flowsBack(*next, operand, depth - 1))
      return true;
  }
  return false;
}

/// A number that was passed, or written down: a scale.
bool isScale(const llvm::Value* value) {
  const auto* load = llvm::dyn_cast<llvm::LoadInst>(value);
  bool passed = load && load->getPointerOperand()->getName().ends_with(".addr");
  return passed || llvm::isa<llvm::ConstantFP>(value);
}

void keepOnly(llvm::BinaryOperator& product, unsigned side, const char* what, Sites& sites) {
  sites
      .add(Operator::RescaleDropped, product, what,
           [&product, side] {
             product.replaceAllUsesWith(product.getOperand(side));
             product.eraseFromParent();
           })
      .beside = [&product, side] {
    return Beside{&product, product.getOperand(side), product.getNextNode()};
  };
}

void factors(llvm::BinaryOperator& product, Sites& sites) {
  if (product.getOpcode() == llvm::Instruction::FDiv)
    return keepOnly(product, 0, "the division is left out", sites);
  if (product.getOpcode() != llvm::Instruction::FMul)
    return;
  for (unsigned side : {0u, 1u})
    if (flowsBack(product, product.getOperand(side)))
      return keepOnly(product, side, "the accumulator is not rescaled", sites);
  bool left = isScale(product.getOperand(0)), right = isScale(product.getOperand(1));
  if (left != right)
    keepOnly(product, right ? 0 : 1, "the scale is left out", sites);
}

/// Rounded to bfloat16 (to nearest, ties to even), by its bits: the same everywhere.
llvm::Value* rounded(llvm::IRBuilder<>& b, llvm::Value* value) {
  llvm::Value* bits = b.CreateBitCast(value, b.getInt32Ty());
  llvm::Value* tie = b.CreateAnd(b.CreateLShr(bits, 16), b.getInt32(1));
  llvm::Value* up = b.CreateAdd(bits, b.CreateAdd(tie, b.getInt32(0x7fff)));
  return b.CreateBitCast(b.CreateAnd(up, b.getInt32(0xffff0000u)), value->getType());
}

bool isMatrixProduct(const llvm::Value* value) {
  const auto* part = llvm::dyn_cast<llvm::ExtractValueInst>(value);
  const auto* call = part ? llvm::dyn_cast<llvm::CallInst>(part->getAggregateOperand()) : nullptr;
  const auto* code = call ? llvm::dyn_cast<llvm::InlineAsm>(call->getCalledOperand()) : nullptr;
  return code && code->getAsmString().find("mma.") != std::string_view::npos;
}

/// A sum that goes back to where one of its parts came from.
bool accumulates(const llvm::StoreInst& store) {
  const llvm::Value* value = store.getValueOperand();
  if (!value->getType()->isFloatTy())
    return false;
  if (isMatrixProduct(value))
    return true;
  const auto* step = llvm::dyn_cast<llvm::Instruction>(value);
  const auto* call = llvm::dyn_cast<llvm::CallInst>(value);
  bool sums = step && (step->getOpcode() == llvm::Instruction::FAdd || step->getOpcode() == llvm::Instruction::FSub);
  std::string callee = call ? calleeName(*call) : std::string();
  bool fused = callee.find("fma") != std::string::npos && callee.find("fmax") == std::string::npos;
  if (!sums && !fused)
    return false;
  return readsFrom(value, store.getPointerOperand());
}

} // namespace

void sums(llvm::Instruction& at, Sites& sites) {
  if (auto* product = llvm::dyn_cast<llvm::BinaryOperator>(&at))
    factors(*product, sites);
  auto* store = llvm::dyn_cast<llvm::StoreInst>(&at);
  if (store && accumulates(*store))
    sites
        .add(Operator::AccumulatorNarrowed, at, "every partial sum is rounded to bfloat16",
             [store] {
               llvm::IRBuilder<> b(store);
               store->setOperand(0, rounded(b, store->getValueOperand()));
             })
        .beside = [store] {
      llvm::IRBuilder<> b(store);
      return Beside{store->getValueOperand(), rounded(b, store->getValueOperand()), store};
    };
}

} // namespace kverify::mutate
