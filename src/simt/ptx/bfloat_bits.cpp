// bfloat values as their bits. The x86 code generator keeps a bfloat that lives across blocks as a float, and narrows
// it again by a call that libgcc lacks; a 16-bit integer it leaves alone.
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>

#include "simt/ptx/lower.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Instruction;
using llvm::Value;

bool isBfloat(const llvm::Type* type) {
  return type->getScalarType()->isBFloatTy();
}

/// i16, or as many of them.
llvm::Type* integersLike(llvm::Type* type) {
  llvm::Type* word = llvm::Type::getInt16Ty(type->getContext());
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return vector ? llvm::FixedVectorType::get(word, vector->getNumElements()) : word;
}

Value* toBits(llvm::IRBuilder<>& b, Value* value) {
  return b.CreateBitCast(value, integersLike(value->getType()));
}

Value* widened(llvm::IRBuilder<>& b, Value* value) {
  llvm::Type* words = integersLike(value->getType())->getWithNewBitWidth(32);
  llvm::Type* floats = llvm::Type::getFloatTy(b.getContext());
  if (auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(words))
    floats = llvm::FixedVectorType::get(floats, vector->getNumElements());
  return b.CreateBitCast(b.CreateShl(b.CreateZExt(toBits(b, value), words), llvm::ConstantInt::get(words, 16)), floats);
}

void replace(Instruction& old, Value* with) {
  old.replaceAllUsesWith(with);
  old.eraseFromParent();
}

void rewriteLoad(llvm::LoadInst& load) {
  llvm::IRBuilder<> b(&load);
  llvm::LoadInst* words =
      b.CreateAlignedLoad(integersLike(load.getType()), load.getPointerOperand(), load.getAlign(), load.isVolatile());
  words->setAtomic(load.getOrdering(), load.getSyncScopeID());
  words->copyMetadata(load);
  replace(load, b.CreateBitCast(words, load.getType()));
}

void rewritePhi(llvm::PHINode& phi) {
  llvm::IRBuilder<> b(&phi);
  llvm::PHINode* words = b.CreatePHI(integersLike(phi.getType()), phi.getNumIncomingValues());
  for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i) {
    llvm::IRBuilder<> end(phi.getIncomingBlock(i)->getTerminator());
    // One block may come in twice (a switch): equal values then.
    int seen = words->getBasicBlockIndex(phi.getIncomingBlock(i));
    words->addIncoming(seen >= 0 ? words->getIncomingValue(static_cast<unsigned>(seen))
                                 : toBits(end, phi.getIncomingValue(i)),
                       phi.getIncomingBlock(i));
  }
  llvm::IRBuilder<> after(&*phi.getParent()->getFirstInsertionPt());
  replace(phi, after.CreateBitCast(words, phi.getType()));
}

void rewrite(Instruction& instruction) {
  llvm::IRBuilder<> b(&instruction);
  if (auto* compare = llvm::dyn_cast<llvm::FCmpInst>(&instruction)) {
    if (isBfloat(compare->getOperand(0)->getType()))
      replace(instruction, b.CreateFCmp(compare->getPredicate(), widened(b, compare->getOperand(0)),
                                        widened(b, compare->getOperand(1))));
    return;
  }
  if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
    if (isBfloat(store->getValueOperand()->getType()))
      store->setOperand(0, toBits(b, store->getValueOperand()));
    return;
  }
  llvm::Type* type = instruction.getType();
  if (auto* extract = llvm::dyn_cast<llvm::ExtractElementInst>(&instruction)) {
    if (isBfloat(type))
      replace(instruction,
              b.CreateBitCast(
                  b.CreateExtractElement(toBits(b, extract->getVectorOperand()), extract->getIndexOperand()), type));
    return;
  }
  if (!isBfloat(type))
    return;
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction))
    rewriteLoad(*load);
  else if (auto* phi = llvm::dyn_cast<llvm::PHINode>(&instruction))
    rewritePhi(*phi);
  else if (auto* select = llvm::dyn_cast<llvm::SelectInst>(&instruction))
    replace(instruction, b.CreateBitCast(b.CreateSelect(select->getCondition(), toBits(b, select->getTrueValue()),
                                                        toBits(b, select->getFalseValue())),
                                         type));
  else if (auto* freeze = llvm::dyn_cast<llvm::FreezeInst>(&instruction))
    replace(instruction, b.CreateBitCast(b.CreateFreeze(toBits(b, freeze->getOperand(0))), type));
  else if (auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(&instruction))
    replace(instruction, b.CreateBitCast(b.CreateInsertElement(toBits(b, insert->getOperand(0)),
                                                               toBits(b, insert->getOperand(1)), insert->getOperand(2)),
                                         type));
}

} // namespace

void keepBfloatsAsBits(llvm::Module& module) {
  std::vector<Instruction*> all;
  for (llvm::Function& function : module)
    for (Instruction& instruction : llvm::instructions(function))
      all.push_back(&instruction);
  // Out of structures first: what goes in at one place and comes out at another is one value.
  std::erase_if(all, [](Instruction* instruction) {
    auto* extract = llvm::dyn_cast<llvm::ExtractValueInst>(instruction);
    Value* found = extract && isBfloat(extract->getType())
                       ? llvm::FindInsertedValue(extract->getAggregateOperand(), extract->getIndices())
                       : nullptr;
    if (found)
      replace(*extract, found);
    return found != nullptr;
  });
  for (Instruction* instruction : all)
    rewrite(*instruction);
}

} // namespace kverify::simt::ptx
