#include "frontend/ir/natural_alignment.h"

#include <algorithm>

#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Operator.h>

namespace kverify::frontend {
namespace {

constexpr std::uint64_t kWidest = 16; ///< bytes of the widest instruction

/// The pointer goes through a packed structure: its members may lie anywhere.
bool isPacked(const llvm::Value* pointer) {
  for (auto* gep = llvm::dyn_cast<llvm::GEPOperator>(pointer); gep;
       gep = llvm::dyn_cast<llvm::GEPOperator>(gep->getPointerOperand())) {
    auto* structure = llvm::dyn_cast<llvm::StructType>(gep->getSourceElementType());
    if (structure && structure->isPacked())
      return true;
  }
  return false;
}

/// Whether a side of a copy is what a pointer points to, whose declaration is not in sight: clang gives it the alignment of the
/// type that the pointer has or is cast to. Other sides have more or less, as the object around them is declared.
bool isBehindPointer(const llvm::Value* place, std::uint64_t bytes, const llvm::DataLayout& layout) {
  while (auto* gep = llvm::dyn_cast<llvm::GEPOperator>(place)) {
    if (gep->getNumIndices() != 1 || layout.getTypeAllocSize(gep->getSourceElementType()) != bytes)
      return false; // a member, or a pointer to something else
    place = gep->getPointerOperand();
  }
  return llvm::isa<llvm::LoadInst, llvm::Argument, llvm::CallBase>(place);
}

/// The structure that lies there, as far as its declaration is in sight.
const llvm::Type* declaredStructure(const llvm::Value* place) {
  while (auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastOperator>(place))
    place = cast->getPointerOperand();
  const llvm::Type* type = nullptr;
  if (auto* gep = llvm::dyn_cast<llvm::GEPOperator>(place))
    type = gep->getResultElementType();
  else if (auto* local = llvm::dyn_cast<llvm::AllocaInst>(place))
    type = local->getAllocatedType();
  else if (auto* global = llvm::dyn_cast<llvm::GlobalVariable>(place))
    type = global->getValueType();
  return type && type->isStructTy() ? type : nullptr;
}

/// Assigning a structure (float4) is a copy that names its fields: both sides have the structure's type, and need its alignment.
void restore(llvm::MemCpyInst& copy, const llvm::DataLayout& layout) {
  auto* length = llvm::dyn_cast<llvm::ConstantInt>(copy.getLength());
  if (!length || length->isZero() || length->getZExtValue() > kWidest || !copy.getMetadata(llvm::LLVMContext::MD_tbaa_struct))
    return;
  std::uint64_t bytes = length->getZExtValue();
  llvm::Align from = copy.getSourceAlign().valueOrOne(), to = copy.getDestAlign().valueOrOne();
  bool opaque_from = isBehindPointer(copy.getRawSource(), bytes, layout), opaque_to = isBehindPointer(copy.getRawDest(), bytes, layout);
  const llvm::Type* declared = declaredStructure(copy.getRawSource());
  llvm::Align natural;
  if (opaque_from != opaque_to)
    natural = opaque_from ? from : to;
  else if (opaque_from || (declared && declared == declaredStructure(copy.getRawDest())))
    natural = std::min(from, to);
  else
    natural = std::max(from, to); // one is cast: which, is not known
  natural = llvm::commonAlignment(natural, bytes); // a type's size is a multiple of its alignment
  if (!isPacked(copy.getRawDest()))
    copy.setDestAlignment(std::max(to, natural));
  if (!isPacked(copy.getRawSource()))
    copy.setSourceAlignment(std::max(from, natural));
}

void restore(llvm::Instruction& instruction, const llvm::DataLayout& layout) {
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
    if (!isPacked(load->getPointerOperand()))
      load->setAlignment(std::max(load->getAlign(), layout.getABITypeAlign(load->getType())));
  } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
    if (!isPacked(store->getPointerOperand()))
      store->setAlignment(std::max(store->getAlign(), layout.getABITypeAlign(store->getValueOperand()->getType())));
  } else if (auto* copy = llvm::dyn_cast<llvm::MemCpyInst>(&instruction)) {
    restore(*copy, layout);
  }
}

} // namespace

void restoreNaturalAlignment(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      restore(instruction, module.getDataLayout());
}

} // namespace kverify::frontend
