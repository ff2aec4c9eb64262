// First contents of variables that hold addresses of other variables: pointers into tables, tables of strings, linked
// structures. The addresses are known when memory is laid out; until then the image has null there and a note of what
// belongs in its place.
#include <llvm/IR/Constants.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include "simt/lower/images.h"

namespace kverify::simt::lower {
namespace {

bool refersToVariable(const llvm::Constant& constant) {
  if (auto* global = llvm::dyn_cast<llvm::GlobalValue>(&constant))
    return !llvm::isa<llvm::Function>(global);
  for (const llvm::Use& operand : constant.operands())
    if (refersToVariable(*llvm::cast<llvm::Constant>(operand.get())))
      return true;
  return false;
}

class Cleaner {
public:
  Cleaner(const llvm::DataLayout& layout, Image& image) : layout_(layout), image_(image) {}

  /// `constant`, `offset` bytes into the variable, without the addresses in it.
  llvm::Constant* clean(llvm::Constant& constant, std::uint64_t offset) {
    if (!refersToVariable(constant))
      return &constant;
    if (constant.getType()->isPointerTy())
      return pointer(constant, offset);
    std::vector<llvm::Constant*> parts;
    for (unsigned i = 0; i < constant.getNumOperands() && llvm::isa<llvm::ConstantAggregate>(constant); ++i)
      parts.push_back(
          clean(*llvm::cast<llvm::Constant>(constant.getOperand(i)), offset + partOffset(*constant.getType(), i)));
    if (auto* type = llvm::dyn_cast<llvm::StructType>(constant.getType()); type && !parts.empty())
      return llvm::ConstantStruct::get(type, parts);
    if (auto* type = llvm::dyn_cast<llvm::ArrayType>(constant.getType()); type && !parts.empty())
      return llvm::ConstantArray::get(type, parts);
    return unknown(constant);
  }

private:
  std::uint64_t partOffset(llvm::Type& type, unsigned part) const {
    if (auto* structure = llvm::dyn_cast<llvm::StructType>(&type))
      return layout_.getStructLayout(structure)->getElementOffset(part);
    auto* array = llvm::dyn_cast<llvm::ArrayType>(&type);
    return array ? layout_.getTypeAllocSize(array->getElementType()) * part : 0;
  }

  llvm::Constant* pointer(llvm::Constant& constant, std::uint64_t offset) {
    llvm::APInt addend(64, 0);
    const llvm::Value* base = constant.stripAndAccumulateConstantOffsets(layout_, addend, true);
    auto* target = llvm::dyn_cast<llvm::GlobalVariable>(base);
    if (!target)
      return unknown(constant);
    image_.addresses.push_back({offset, target, addend.getSExtValue()});
    return llvm::Constant::getNullValue(constant.getType());
  }

  llvm::Constant* unknown(llvm::Constant& constant) {
    image_.understood = false;
    return llvm::Constant::getNullValue(constant.getType());
  }

  const llvm::DataLayout& layout_;
  Image& image_;
};

} // namespace

Image imageOf(const llvm::GlobalVariable& global) {
  Image image;
  if (!global.hasInitializer() || llvm::isa<llvm::UndefValue>(global.getInitializer()))
    return image;
  auto* initial = const_cast<llvm::Constant*>(global.getInitializer());
  image.contents = Cleaner(global.getDataLayout(), image).clean(*initial, 0);
  return image;
}

} // namespace kverify::simt::lower
