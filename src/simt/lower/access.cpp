#include "simt/lower/access.h"

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include "frontend/ir/whole_reads.h"
#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

llvm::StringRef calleeName(const llvm::Value* value) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(value);
  return call && call->getCalledFunction() ? call->getCalledFunction()->getName() : llvm::StringRef();
}

bool isEntryParameter(const llvm::Value* object) {
  auto* argument = llvm::dyn_cast<llvm::Argument>(object);
  return argument && argument->getParent()->getName().starts_with("kv_entry_") && argument->getArgNo() == 1;
}

abi::Space spaceOfObject(const llvm::Value* object) {
  if (llvm::isa<llvm::AllocaInst>(object))
    return abi::kLocal;
  llvm::StringRef name = calleeName(object);
  if (name == "kv.shared.pointer" || name.starts_with("kv.shared.object."))
    return abi::kShared;
  if (name.starts_with(kObjectPrefix))
    return abi::kGeneric; // decided by its metadata in spaceOf
  // A pointer that was passed to the kernel points to global memory.
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(object))
    if (isParameter(const_cast<llvm::Value*>(load->getPointerOperand())))
      return abi::kGlobal;
  return abi::kGeneric;
}

} // namespace

bool isParameter(llvm::Value* pointer) {
  return isEntryParameter(llvm::getUnderlyingObject(pointer, 0));
}

abi::Space spaceOf(llvm::Value* pointer) {
  llvm::SmallVector<const llvm::Value*, 4> objects;
  llvm::getUnderlyingObjects(pointer, objects, nullptr, 0);
  std::optional<abi::Space> space;
  for (const llvm::Value* object : objects) {
    abi::Space here = spaceOfObject(object);
    if (calleeName(object).starts_with(kObjectPrefix)) {
      const llvm::Function* callee = llvm::cast<llvm::CallInst>(object)->getCalledFunction();
      here = callee->hasFnAttribute("kv-shared") ? abi::kShared : abi::kGlobal;
    }
    if (space && *space != here)
      return abi::kGeneric;
    space = here;
  }
  return space.value_or(abi::kGeneric);
}

std::optional<MemoryAccess> accessOf(llvm::Instruction& instruction, const llvm::DataLayout& layout) {
  if (instruction.getMetadata(kNoInstrument))
    return std::nullopt;
  MemoryAccess access;
  access.instruction = &instruction;
  llvm::Type* type = nullptr;
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
    access.pointer = load->getPointerOperand();
    type = load->getType();
    access.align = static_cast<std::uint32_t>(load->getAlign().value());
    access.kind = load->isAtomic() ? abi::kAtomicRead : abi::kRead;
  } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
    access.pointer = store->getPointerOperand();
    type = store->getValueOperand()->getType();
    access.align = static_cast<std::uint32_t>(store->getAlign().value());
    access.kind = store->isAtomic() ? abi::kAtomicWrite : abi::kWrite;
  } else if (auto* rmw = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction)) {
    access.pointer = rmw->getPointerOperand();
    type = rmw->getType();
    access.align = static_cast<std::uint32_t>(rmw->getAlign().value());
    access.kind = abi::kAtomic;
  } else if (auto* exchange = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&instruction)) {
    access.pointer = exchange->getPointerOperand();
    type = exchange->getNewValOperand()->getType();
    access.align = static_cast<std::uint32_t>(exchange->getAlign().value());
    access.kind = abi::kAtomic;
  } else if (auto whole = frontend::wholeRead(instruction)) {
    access.pointer = whole->place;
    access.align = static_cast<std::uint32_t>(whole->align);
    access.kind = abi::kRead;
    access.bytes = whole->bytes;
  } else {
    return std::nullopt;
  }
  if (type)
    access.bytes = layout.getTypeStoreSize(type);
  const llvm::Value* object = llvm::getUnderlyingObject(access.pointer, 0);
  if (isEntryParameter(object))
    return std::nullopt;
  if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(object); alloca && alloca->getMetadata(kNoInstrument))
    return std::nullopt;
  if (calleeName(object) == kContextName)
    return std::nullopt;
  access.space = spaceOf(access.pointer);
  // volatile is a relaxed atomic access (PTX ISA); in shared memory it stays a plain one, see checks/race.cpp.
  if (instruction.isVolatile() && access.space == abi::kGlobal && access.bytes <= 8) {
    if (access.kind == abi::kRead)
      access.kind = abi::kAtomicRead;
    if (access.kind == abi::kWrite)
      access.kind = abi::kAtomicWrite;
  }
  return access;
}

namespace {

/// Dimensions of an array type: 2 for [9 x [16 x float]].
unsigned rankOf(const llvm::Type* type) {
  unsigned rank = 0;
  for (; auto* array = llvm::dyn_cast<llvm::ArrayType>(type); type = array->getElementType())
    ++rank;
  return rank;
}

unsigned rankOf(const llvm::Value* object) {
  if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(object))
    return rankOf(alloca->getAllocatedType());
  const llvm::Function* callee = llvm::cast<llvm::CallInst>(object)->getCalledFunction();
  unsigned rank = 0;
  callee->getFnAttribute("kv-rank").getValueAsString().getAsInteger(10, rank);
  return rank;
}

} // namespace

std::vector<InnerIndex> innerIndices(llvm::Value* pointer) {
  std::vector<InnerIndex> found;
  const llvm::Value* object = llvm::getUnderlyingObject(pointer, 0);
  bool is_variable = llvm::isa<llvm::AllocaInst>(object) || calleeName(object).starts_with(kObjectPrefix);
  if (!is_variable)
    return found;
  for (auto* gep = llvm::dyn_cast<llvm::GEPOperator>(pointer); gep;
       gep = llvm::dyn_cast<llvm::GEPOperator>(gep->getPointerOperand())) {
    llvm::Type* type = gep->getSourceElementType();
    // The outermost dimension is what the allocation's own bounds check. Its GEP is the one on the object itself, as
    // long as no constant index 0 was folded away in front of it (tile[0][c]).
    bool on_object = gep->getPointerOperand() == object && rankOf(type) == rankOf(object);
    bool outermost = true;
    for (unsigned i = 2; i <= gep->getNumIndices(); ++i) {
      llvm::Value* index = gep->getOperand(i);
      if (auto* structure = llvm::dyn_cast<llvm::StructType>(type)) {
        type = structure->getElementType(static_cast<unsigned>(llvm::cast<llvm::ConstantInt>(index)->getZExtValue()));
        outermost = false;
        continue;
      }
      auto* array = llvm::dyn_cast<llvm::ArrayType>(type);
      if (!array)
        break;
      bool inner = !(on_object && outermost);
      if (inner && array->getNumElements() > 0 && !llvm::isa<llvm::Constant>(index))
        found.push_back({index, array->getNumElements()});
      outermost = false;
      type = array->getElementType();
    }
  }
  return found;
}

} // namespace kverify::simt::lower
