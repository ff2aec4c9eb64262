// Subscripts and strides.
#include <fmt/format.h>
#include <llvm/IR/GetElementPtrTypeIterator.h>
#include <llvm/IR/IRBuilder.h>

#include "fuzz/mutate/sites.h"

namespace kverify::mutate {
namespace {

/// Its last index counts elements: x[i], p + i. Not a field of a struct.
bool isSubscript(const llvm::GetElementPtrInst& gep) {
  bool counts = false;
  for (auto step = llvm::gep_type_begin(gep), end = llvm::gep_type_end(gep); step != end; ++step)
    counts = step.getStructTypeOrNull() == nullptr;
  bool decays = gep.getName().starts_with("arraydecay"); // the array as an argument: nobody wrote a subscript
  return counts && !decays && !gep.getType()->isVectorTy();
}

llvm::Use& lastIndex(llvm::GetElementPtrInst& gep) {
  return gep.getOperandUse(gep.getNumOperands() - 1);
}

void shift(llvm::GetElementPtrInst& gep, Sites& sites) {
  for (std::int64_t by : {1, -1})
    sites.add(Operator::IndexShifted, gep, fmt::format("the index is one {}", by > 0 ? "more" : "less"), [&gep, by] {
      llvm::IRBuilder<> b(&gep);
      llvm::Use& index = lastIndex(gep);
      index.set(b.CreateAdd(index.get(), llvm::ConstantInt::getSigned(index->getType(), by)));
      gep.setNoWrapFlags(llvm::GEPNoWrapFlags::none());
    });
}

/// x[a][b] became x[b][a].
void swapSubscripts(llvm::GetElementPtrInst& inner, Sites& sites) {
  auto* outer = llvm::dyn_cast<llvm::GetElementPtrInst>(inner.getPointerOperand());
  if (!outer || !outer->hasOneUse() || !isSubscript(*outer) || outer->getParent() != inner.getParent() ||
      !inner.getSourceElementType()->isArrayTy() || lastIndex(inner)->getType() != lastIndex(*outer)->getType() ||
      lastIndex(inner).get() == lastIndex(*outer).get())
    return;
  // `swapped` is `inner` or a copy of it.
  auto swap = [outer](llvm::GetElementPtrInst& swapped) {
    llvm::Value *first = lastIndex(*outer).get(), *second = lastIndex(swapped).get();
    auto* moved = llvm::cast<llvm::GetElementPtrInst>(outer->clone());
    moved->insertBefore(&swapped); // the second subscript is known here
    lastIndex(*moved).set(second);
    lastIndex(swapped).set(first);
    swapped.setOperand(0, moved);
    moved->setNoWrapFlags(llvm::GEPNoWrapFlags::none());
    swapped.setNoWrapFlags(llvm::GEPNoWrapFlags::none());
  };
  Edit& edit = sites.add(Operator::StrideSwapped, inner, "the two subscripts changed places", [&inner, outer, swap] {
    swap(inner);
    outer->eraseFromParent();
  });
  edit.beside = [&inner, swap] {
    return twinOf(inner, [&](llvm::Instruction& twin) { swap(llvm::cast<llvm::GetElementPtrInst>(twin)); });
  };
}

/// a * stride + b became b * stride + a.
void swapStride(llvm::BinaryOperator& sum, Sites& sites) {
  if (sum.getOpcode() != llvm::Instruction::Add)
    return;
  for (unsigned side : {0u, 1u}) {
    auto* product = llvm::dyn_cast<llvm::BinaryOperator>(sum.getOperand(side));
    llvm::Value* other = sum.getOperand(1 - side);
    if (!product || product->getOpcode() != llvm::Instruction::Mul || !product->hasOneUse() ||
        llvm::isa<llvm::Constant>(other) || llvm::isa<llvm::Constant>(product->getOperand(0)))
      continue;
    if (auto* also = llvm::dyn_cast<llvm::BinaryOperator>(other);
        side == 0 && also && also->getOpcode() == llvm::Instruction::Mul)
      continue; // a * s + b * t: one of the two is enough
    auto swap = [product, other, side](llvm::Instruction& swapped) {
      llvm::IRBuilder<> b(&swapped);
      llvm::Value* moved = b.CreateMul(other, product->getOperand(1));
      swapped.setOperand(1 - side, product->getOperand(0));
      swapped.setOperand(side, moved);
      swapped.setHasNoSignedWrap(false);
      swapped.setHasNoUnsignedWrap(false);
    };
    sites
        .add(Operator::StrideSwapped, sum, "a * stride + b became b * stride + a",
             [&sum, product, swap] {
               swap(sum);
               product->eraseFromParent();
             })
        .beside = [&sum, swap] { return twinOf(sum, swap); };
    return;
  }
}

} // namespace

void indices(llvm::Instruction& at, Sites& sites) {
  if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(&at); gep && isSubscript(*gep)) {
    shift(*gep, sites);
    swapSubscripts(*gep, sites);
  }
  if (auto* sum = llvm::dyn_cast<llvm::BinaryOperator>(&at))
    swapStride(*sum, sites);
}

} // namespace kverify::mutate
