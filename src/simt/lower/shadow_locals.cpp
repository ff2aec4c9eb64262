// Local arrays that nothing but loads and stores of one float type touches have their shadows in arrays beside them:
// no cell, no stamp, and what the optimiser keeps in registers it keeps with its shadow.
#include <llvm/Analysis/Utils/Local.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>

#include "simt/lower/shadow_function.h"

namespace kverify::simt::lower {

using llvm::Value;

namespace {

bool isFloat(const llvm::Type* type, const llvm::Type*& element) {
  const llvm::Type* scalar = type->getScalarType();
  if (formatOf(scalar) == shadow::kNoFormat || (element && element != scalar))
    return false;
  element = scalar;
  return true;
}

/// Is everything that is done with this address a load or store of floats of one type, its beginning or end, or (where
/// that is allowed) zeros over all of it?
bool isOwnMemory(const Value& address, const llvm::Type*& element, bool zeros) {
  for (const llvm::User* user : address.users()) {
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(user)) {
      if (!isFloat(load->getType(), element))
        return false;
    } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(user)) {
      if (store->getValueOperand() == &address || !isFloat(store->getValueOperand()->getType(), element))
        return false;
    } else if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(user)) {
      if (gep->getType()->isVectorTy() || !isOwnMemory(*gep, element, zeros))
        return false;
    } else if (auto* set = llvm::dyn_cast<llvm::MemSetInst>(user)) {
      auto* byte = llvm::dyn_cast<llvm::ConstantInt>(set->getValue());
      if (!zeros || !byte || !byte->isZero())
        return false;
    } else if (auto* each = llvm::dyn_cast<llvm::IntrinsicInst>(user)) {
      if (!each->isLifetimeStartOrEnd())
        return false;
    } else {
      return false;
    }
  }
  return true;
}

} // namespace

OwnShared ownSharedArrays(llvm::Module& module, const SiteTable& table) {
  OwnShared own;
  for (llvm::Function& function : module) {
    llvm::StringRef name = function.getName();
    unsigned number = 0;
    if (!name.consume_front(kObjectPrefix) || name.getAsInteger(10, number) ||
        table.objects[number].where > ModuleObject::Where::DynamicShared)
      continue;
    const llvm::Type* element = nullptr;
    bool is_own = true;
    for (const llvm::User* call : function.users())
      is_own &= llvm::isa<llvm::CallInst>(call) && isOwnMemory(*call, element, false);
    if (is_own && element)
      own.insert(number);
  }
  return own;
}

/// Is this in one of them?
bool ShadowFunction::isOwnShared(const Value* pointer) const {
  while (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer))
    pointer = gep->getPointerOperand();
  auto* call = llvm::dyn_cast<llvm::CallInst>(pointer);
  llvm::StringRef name = call && call->getCalledFunction() ? call->getCalledFunction()->getName() : "";
  unsigned number = 0;
  return name.consume_front(kObjectPrefix) && !name.getAsInteger(10, number) && own_shared_.contains(number);
}

void ShadowFunction::findLocals() {
  llvm::SmallVector<llvm::AllocaInst*, 8> found;
  for (llvm::Instruction& instruction : llvm::instructions(f_))
    if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
        alloca && alloca->isStaticAlloca() && !alloca->hasMetadata(kNoInstrument))
      found.push_back(alloca);
  for (llvm::AllocaInst* alloca : found) {
    const llvm::Type* element = nullptr;
    auto bytes = alloca->getAllocationSize(m_.getDataLayout());
    if (!bytes || bytes->isScalable() || !isOwnMemory(*alloca, element, true) || !element)
      continue;
    LocalArray array;
    array.element_bytes = shadow::bytesOf(formatOf(element));
    ShadowBuilder b(alloca);
    for (unsigned p = 0; p < 2; ++p) {
      array.part[p] = b.CreateAlloca(llvm::ArrayType::get(part_type_[p], bytes->getFixedValue() / array.element_bytes));
      llvm::cast<llvm::AllocaInst>(array.part[p])->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
    }
    locals_[alloca] = array;
  }
}

/// Where the shadow of the float at `pointer` is; nothing if it is not in such an array.
std::optional<LocalArray> ShadowFunction::localAt(Value* pointer) {
  if (auto found = locals_.find(pointer); found != locals_.end())
    return found->second;
  auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer);
  if (!gep)
    return std::nullopt;
  std::optional<LocalArray> place = localAt(gep->getPointerOperand());
  if (!place)
    return std::nullopt;
  ShadowBuilder b(gep->getNextNode());
  Value* offset = b.CreateSExtOrTrunc(llvm::emitGEPOffset(&b, m_.getDataLayout(), gep, true), word());
  for (unsigned p = 0; p < 2; ++p) {
    std::uint64_t bytes = m_.getDataLayout().getTypeAllocSize(part_type_[p]);
    // A multiple of the element's size, whatever the index.
    place->part[p] = b.CreateGEP(b.getInt8Ty(), place->part[p],
                                 b.CreateMul(offset, b.getInt64(bytes / place->element_bytes)));
  }
  locals_[pointer] = *place;
  return place;
}

Lane ShadowFunction::loadLocal(ShadowBuilder& b, const LocalArray& place, unsigned element) {
  Lane lane;
  for (unsigned p = 0; p < 2; ++p) {
    llvm::LoadInst* load =
        b.CreateLoad(part_type_[p], b.CreateConstGEP1_64(part_type_[p], place.part[p], element));
    load->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
    lane.part[p] = load;
  }
  return lane;
}

void ShadowFunction::storeLocal(ShadowBuilder& b, const LocalArray& place, unsigned element, const Lane& lane) {
  for (unsigned p = 0; p < 2; ++p)
    b.CreateStore(lane.part[p], b.CreateConstGEP1_64(part_type_[p], place.part[p], element))
        ->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
}

void ShadowFunction::clearLocal(ShadowBuilder& b, const LocalArray& place, Value* bytes) {
  Value* length = b.CreateZExtOrTrunc(bytes, word());
  for (unsigned p = 0; p < 2; ++p) {
    std::uint64_t size = m_.getDataLayout().getTypeAllocSize(part_type_[p]);
    b.CreateMemSet(place.part[p], b.getInt8(0), b.CreateMul(length, b.getInt64(size / place.element_bytes)),
                   llvm::MaybeAlign(8))
        ->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
  }
}

} // namespace kverify::simt::lower
