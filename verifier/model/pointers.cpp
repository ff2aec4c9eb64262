// Which array an address is in, and where in it. An address of unknown provenance is refused, by name.
#include <llvm/IR/Constants.h>
#include <llvm/IR/GetElementPtrTypeIterator.h>
#include <llvm/IR/Operator.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

std::uint64_t ModelBuilder::sizeOf(const llvm::Type* type) const {
  return layout_.getTypeStoreSize(const_cast<llvm::Type*>(type)).getFixedValue();
}

namespace {

ArrayKind kindOf(const llvm::GlobalVariable& variable, std::uint64_t size) {
  switch (variable.getAddressSpace()) {
  case 3: return size == 0 ? ArrayKind::DynamicShared : ArrayKind::Shared;
  case 4: return ArrayKind::Constant;
  default: return ArrayKind::Global;
  }
}

} // namespace

unsigned ModelBuilder::arrayOf(const llvm::Value* object) {
  auto found = arrays_.find(object);
  if (found != arrays_.end())
    return found->second;
  Array array;
  array.name = object->getName().str();
  if (const auto* argument = dyn_cast<llvm::Argument>(object)) {
    array.kind = ArrayKind::Parameter;
    array.parameter = argument->getArgNo();
  } else if (const auto* variable = dyn_cast<llvm::GlobalVariable>(object)) {
    array.bytes = static_cast<std::int64_t>(layout_.getTypeAllocSize(variable->getValueType()).getFixedValue());
    array.kind = kindOf(*variable, static_cast<std::uint64_t>(array.bytes));
    // All extern shared arrays of a kernel are the same memory.
    if (array.kind == ArrayKind::DynamicShared)
      for (unsigned i = 0; i < model_.arrays.size(); ++i)
        if (model_.arrays[i].kind == ArrayKind::DynamicShared)
          return arrays_[object] = i;
  } else {
    const auto* local = cast<llvm::AllocaInst>(object);
    array.kind = ArrayKind::Local;
    auto size = local->getAllocationSize(layout_);
    array.bytes = size ? static_cast<std::int64_t>(size->getFixedValue()) : 0;
  }
  model_.arrays.push_back(array);
  return arrays_[object] = static_cast<unsigned>(model_.arrays.size() - 1);
}

std::optional<unsigned> ModelBuilder::objectOf(const llvm::Value* value) {
  if (const auto* argument = dyn_cast<llvm::Argument>(value))
    return argument->hasByValAttr() ? std::nullopt : std::optional(arrayOf(value));
  if (isa<llvm::GlobalVariable, llvm::AllocaInst>(value))
    return arrayOf(value);
  return std::nullopt;
}

std::optional<Pointer> ModelBuilder::pointer(const llvm::Value* value, const llvm::BasicBlock* user) {
  std::optional<Pointer> result = ownPointer(value);
  const auto* instruction = dyn_cast<llvm::Instruction>(value);
  if (result && instruction)
    result->offset = leave(result->offset, instruction->getParent(), user);
  return result;
}

std::optional<Pointer> ModelBuilder::ownPointer(const llvm::Value* value) {
  auto found = pointers_.find(value);
  if (found != pointers_.end())
    return found->second;
  std::optional<Pointer> result;
  if (auto object = objectOf(value))
    result = Pointer{*object, pool_.constant(0)};
  else if (const auto* gep = dyn_cast<llvm::GEPOperator>(value))
    result = elementPointer(*gep);
  else if (isa<llvm::AddrSpaceCastOperator, llvm::BitCastOperator>(value) && value->getType()->isPointerTy()) {
    const llvm::Value* source = cast<llvm::Operator>(value)->getOperand(0);
    const auto* instruction = dyn_cast<llvm::Instruction>(value);
    result = instruction ? pointer(source, instruction->getParent()) : ownPointer(source);
  } else if (const auto* phi = dyn_cast<llvm::PHINode>(value)) {
    const llvm::Loop* loop = loops_.getLoopFor(phi->getParent());
    if (!loop || loop->getHeader() != phi->getParent()) // of loops: set by solveLoops
      result = mergePointers(*phi);
  } else if (const auto* select = dyn_cast<llvm::SelectInst>(value)) {
    auto a = pointer(select->getTrueValue(), select->getParent());
    auto b = pointer(select->getFalseValue(), select->getParent());
    if (a && b && a->array == b->array)
      result =
          Pointer{a->array, pool_.ite(this->value(select->getCondition(), select->getParent()), a->offset, b->offset)};
  }
  return pointers_[value] = result;
}

std::optional<Pointer> ModelBuilder::elementPointer(const llvm::GEPOperator& gep) {
  const auto* instruction = dyn_cast<llvm::Instruction>(&gep);
  const llvm::BasicBlock* user = instruction ? instruction->getParent() : nullptr;
  auto base = user ? pointer(gep.getPointerOperand(), user) : ownPointer(gep.getPointerOperand());
  if (!base || gep.getType()->isVectorTy())
    return std::nullopt;
  TermPtr offset = base->offset;
  for (auto step = llvm::gep_type_begin(gep), end = llvm::gep_type_end(gep); step != end; ++step) {
    if (llvm::StructType* type = step.getStructTypeOrNull()) {
      auto field = static_cast<unsigned>(cast<llvm::ConstantInt>(step.getOperand())->getZExtValue());
      offset = pool_.add(offset, pool_.constant(static_cast<std::int64_t>(
                                     layout_.getStructLayout(type)->getElementOffset(field).getFixedValue())));
      continue;
    }
    auto size = static_cast<std::int64_t>(step.getSequentialElementStride(layout_).getFixedValue());
    TermPtr index = user ? value(step.getOperand(), user) : ownValue(step.getOperand());
    offset = pool_.add(offset, pool_.mul(pool_.constant(size), index));
  }
  return Pointer{base->array, offset};
}

std::optional<Pointer> ModelBuilder::mergePointers(const llvm::PHINode& phi) {
  std::optional<Pointer> result;
  for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i) {
    const llvm::BasicBlock* from = phi.getIncomingBlock(i);
    auto incoming = pointer(phi.getIncomingValue(i), from);
    if (!incoming || (result && result->array != incoming->array))
      return std::nullopt;
    TermPtr offset = leave(incoming->offset, from, phi.getParent());
    if (!result) {
      result = Pointer{incoming->array, offset};
      continue;
    }
    TermPtr taken = leave(pool_.both(path(from), edge(from, phi.getParent())), from, phi.getParent());
    result->offset = pool_.ite(taken, offset, result->offset);
  }
  return result;
}

// A pointer that walks: its offset is a loop variable like any other.
void ModelBuilder::startPointer(const llvm::PHINode& phi, const llvm::Loop& loop) {
  auto start = pointer(phi.getIncomingValueForBlock(loop.getLoopPreheader()), loop.getLoopPreheader());
  pointers_[&phi] = start ? std::optional(Pointer{start->array, loopSymbol(phi, "pointer")}) : std::nullopt;
}

void ModelBuilder::closePointer(const llvm::PHINode& phi, const llvm::Loop& loop) {
  auto variable = pointers_.at(&phi);
  if (!variable)
    return;
  auto start = pointer(phi.getIncomingValueForBlock(loop.getLoopPreheader()), loop.getLoopPreheader());
  auto next = pointer(phi.getIncomingValueForBlock(loop.getLoopLatch()), loop.getLoopLatch());
  if (!next || next->array != variable->array)
    return unsupported(phi, "a pointer that walks from one array to another");
  if (TermPtr closed = closedForm(loop, variable->offset, start->offset, next->offset))
    closed_forms_[variable->offset->sym] = closed;
}

} // namespace kverify::verifier
