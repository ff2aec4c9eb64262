#include "frontend/ir/natural_alignment.h"

#include <algorithm>
#include <bit>
#include <optional>

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

/// Whether the alignment of one side of a copy is that of the type copied, as far as it is not more: a variable of that size, or
/// what a pointer to elements of that size points to. The rest is known by a declaration around it.
bool isOfItsType(const llvm::Value* place, std::uint64_t bytes, const llvm::DataLayout& layout) {
  for (auto* through = llvm::dyn_cast<llvm::Operator>(place); through; through = llvm::dyn_cast<llvm::Operator>(place)) {
    if (auto* gep = llvm::dyn_cast<llvm::GEPOperator>(through);
        gep && (gep->getNumIndices() != 1 || layout.getTypeAllocSize(gep->getSourceElementType()) != bytes))
      return false; // a member, an element of an array that has a name, or a pointer to something else
    if (!llvm::isa<llvm::GEPOperator>(through) && !llvm::isa<llvm::BitCastOperator, llvm::AddrSpaceCastOperator>(through))
      break;
    place = through->getOperand(0);
  }
  if (auto* local = llvm::dyn_cast<llvm::AllocaInst>(place))
    return local->getAllocationSize(layout) == llvm::TypeSize::getFixed(bytes);
  if (auto* global = llvm::dyn_cast<llvm::GlobalVariable>(place))
    return layout.getTypeAllocSize(global->getValueType()) == bytes;
  return true;
}

void restore(llvm::MemCpyInst& copy, const llvm::DataLayout& layout) {
  // Assigning a structure (float4) is a copy that names its fields; both sides have the structure's type.
  auto* length = llvm::dyn_cast<llvm::ConstantInt>(copy.getLength());
  if (!length || length->isZero() || length->getZExtValue() > kWidest || !copy.getMetadata(llvm::LLVMContext::MD_tbaa_struct))
    return;
  std::uint64_t bytes = length->getZExtValue();
  std::optional<llvm::Align> known; // the least that is known of the type
  llvm::Align most;
  for (auto [place, align] : {std::pair(copy.getRawSource(), copy.getSourceAlign().valueOrOne()),
                              std::pair(copy.getRawDest(), copy.getDestAlign().valueOrOne())}) {
    most = std::max(most, align);
    if (isOfItsType(place, bytes, layout))
      known = known ? std::min(*known, align) : align;
  }
  // A type's size is a multiple of its alignment.
  llvm::Align natural = std::min(known.value_or(most), llvm::Align(bytes & (~bytes + 1)));
  if (!isPacked(copy.getRawDest()))
    copy.setDestAlignment(natural);
  if (!isPacked(copy.getRawSource()))
    copy.setSourceAlignment(natural);
}

void restore(llvm::Instruction& instruction, const llvm::DataLayout& layout) {
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
    if (!isPacked(load->getPointerOperand()))
      load->setAlignment(layout.getABITypeAlign(load->getType()));
  } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
    if (!isPacked(store->getPointerOperand()))
      store->setAlignment(layout.getABITypeAlign(store->getValueOperand()->getType()));
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
