#include "frontend/ir/local_objects.h"

#include <llvm/IR/DataLayout.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/Transforms/Utils/Local.h>

namespace kverify::frontend {
namespace {

/// Metadata kind of the stores of first values.
constexpr const char* kFirstValue = "kv.firstvalue";

void append(llvm::Type* type, std::uint64_t offset, const llvm::DataLayout& layout, std::vector<Leaf>& leaves) {
  if (auto* record = llvm::dyn_cast<llvm::StructType>(type)) {
    for (unsigned i = 0; i < record->getNumElements(); ++i)
      append(record->getElementType(i), offset + layout.getStructLayout(record)->getElementOffset(i), layout, leaves);
  } else if (auto* array = llvm::dyn_cast<llvm::ArrayType>(type)) {
    std::uint64_t step = layout.getTypeAllocSize(array->getElementType());
    for (std::uint64_t i = 0; i < array->getNumElements(); ++i)
      append(array->getElementType(), offset + i * step, layout, leaves);
  } else {
    std::uint64_t bytes = layout.getTypeStoreSize(type).getFixedValue();
    unsigned width = bytes == 8 || bytes == 4 || bytes == 2 ? static_cast<unsigned>(bytes) : bytes % 4 == 0 ? 4 : 1;
    for (std::uint64_t at = 0; at < bytes; at += width)
      leaves.push_back({offset + at, width});
  }
}

} // namespace

std::vector<llvm::AllocaInst*> localsOf(llvm::Function& function) {
  std::vector<llvm::AllocaInst*> locals;
  for (llvm::Instruction& instruction : llvm::instructions(function))
    if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(&instruction))
      locals.push_back(alloca);
  return locals;
}

std::vector<Leaf> leavesOf(const llvm::AllocaInst& object) {
  std::vector<Leaf> leaves;
  append(object.getAllocatedType(), 0, object.getDataLayout(), leaves);
  return leaves;
}

std::vector<llvm::Instruction*> lifetimeStarts(llvm::AllocaInst& object) {
  std::vector<llvm::Instruction*> starts;
  for (llvm::User* user : object.users())
    if (auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(user);
        intrinsic && intrinsic->getIntrinsicID() == llvm::Intrinsic::lifetime_start)
      starts.push_back(intrinsic);
  return starts;
}

bool holdsParameter(const llvm::AllocaInst& object) {
  for (const llvm::User* user : object.users())
    if (auto* store = llvm::dyn_cast<llvm::StoreInst>(user))
      if (llvm::isa<llvm::Argument>(store->getValueOperand()))
        return true;
  return false;
}

llvm::Instruction* afterAllocas(llvm::Function& function) {
  llvm::BasicBlock& entry = function.getEntryBlock();
  llvm::Instruction* at = &*entry.getFirstInsertionPt();
  for (llvm::Instruction& instruction : entry)
    if (llvm::isa<llvm::AllocaInst>(instruction))
      at = instruction.getNextNode();
  // A padded array's address is computed right behind its alloca; stay behind that too.
  while (llvm::isa<llvm::AllocaInst, llvm::GetElementPtrInst>(at))
    at = at->getNextNode();
  return at;
}

void storeFirstValues(llvm::AllocaInst& object, const std::vector<Leaf>& leaves, llvm::IRBuilderBase& builder,
                      const MakeValue& value) {
  llvm::Type* whole = object.getAllocatedType();
  bool scalar = whole->isSingleValueType() && leaves.size() == 1;
  for (const Leaf& leaf : leaves) {
    llvm::Value* place = &object;
    if (leaf.offset)
      place = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), place, leaf.offset);
    builder.CreateAlignedStore(value(scalar ? whole : builder.getIntNTy(leaf.bytes * 8)), place, llvm::Align(1))
        ->setMetadata(kFirstValue, llvm::MDNode::get(builder.getContext(), {}));
  }
}

void dropFirstValues(llvm::Function& function) {
  std::vector<llvm::StoreInst*> dropped;
  for (llvm::Instruction& instruction : llvm::instructions(function))
    if (instruction.hasMetadata(kFirstValue))
      dropped.push_back(llvm::cast<llvm::StoreInst>(&instruction));
  for (llvm::StoreInst* store : dropped) {
    llvm::Value* value = store->getValueOperand();
    store->eraseFromParent();
    llvm::RecursivelyDeleteTriviallyDeadInstructions(value);
  }
}

} // namespace kverify::frontend
