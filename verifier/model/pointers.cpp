// Which array an address is in, and where in it. An address of unknown provenance is refused, by name.
#include <algorithm>

#include <fmt/format.h>
#include <llvm/Demangle/Demangle.h>
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

/// As the source calls it: a shared variable's name is mangled with its kernel's, "void f<64>(int)::tile".
std::string sourceName(const llvm::Value& object) {
  std::string name = llvm::demangle(object.getName());
  std::size_t at = name.rfind("::");
  return isa<llvm::GlobalVariable>(object) && at != std::string::npos ? name.substr(at + 2) : object.getName().str();
}

} // namespace

unsigned ModelBuilder::arrayOf(const llvm::Value* object) {
  auto found = arrays_.find(object);
  if (found != arrays_.end())
    return found->second;
  Array array;
  array.name = sourceName(*object);
  array.symbol = isa<llvm::GlobalVariable>(object) ? object->getName().str() : fmt::format("#{}", model_.arrays.size());
  if (const auto* argument = dyn_cast<llvm::Argument>(object); argument && argument->hasByValAttr()) {
    array.kind = ArrayKind::Local; // each thread has its own copy
    array.bytes = static_cast<std::int64_t>(layout_.getTypeAllocSize(argument->getParamByValType()).getFixedValue());
    array.align = static_cast<std::int64_t>(argument->getParamAlign().valueOrOne().value());
  } else if (argument) {
    array.kind = ArrayKind::Parameter;
    array.parameter = argument->getArgNo();
  } else if (const auto* variable = dyn_cast<llvm::GlobalVariable>(object)) {
    array.bytes = static_cast<std::int64_t>(layout_.getTypeAllocSize(variable->getValueType()).getFixedValue());
    array.align = static_cast<std::int64_t>(variable->getAlign().valueOrOne().value());
    array.kind = kindOf(*variable, static_cast<std::uint64_t>(array.bytes));
    // All extern shared arrays of a kernel are the same memory.
    if (array.kind == ArrayKind::DynamicShared)
      for (unsigned i = 0; i < model_.arrays.size(); ++i)
        if (model_.arrays[i].kind == ArrayKind::DynamicShared) {
          model_.arrays[i].align = std::max(model_.arrays[i].align, array.align);
          return arrays_[object] = i;
        }
  } else {
    const auto* local = cast<llvm::AllocaInst>(object);
    array.kind = ArrayKind::Local;
    array.align = static_cast<std::int64_t>(local->getAlign().value());
    auto size = local->getAllocationSize(layout_);
    array.bytes = size ? static_cast<std::int64_t>(size->getFixedValue()) : 0;
  }
  model_.arrays.push_back(array);
  return arrays_[object] = static_cast<unsigned>(model_.arrays.size() - 1);
}

std::optional<unsigned> ModelBuilder::objectOf(const llvm::Value* value) {
  if (isa<llvm::Argument, llvm::GlobalVariable, llvm::AllocaInst>(value))
    return arrayOf(value);
  if (const auto* load = dyn_cast<llvm::LoadInst>(value))
    return fieldOf(*load);
  return std::nullopt;
}

namespace {

/// Only read: then every load sees what was passed.
bool isOnlyRead(const llvm::Value& pointer) {
  return std::all_of(pointer.user_begin(), pointer.user_end(), [&](const llvm::User* user) {
    return isa<llvm::LoadInst>(user) ||
           (isa<llvm::GEPOperator, llvm::AddrSpaceCastOperator>(user) && isOnlyRead(*user));
  });
}

} // namespace

std::optional<ModelBuilder::PassedField> ModelBuilder::passedField(const llvm::LoadInst& load) const {
  llvm::APInt offset(layout_.getIndexTypeSizeInBits(load.getPointerOperandType()), 0);
  const auto* argument =
      dyn_cast<llvm::Argument>(load.getPointerOperand()->stripAndAccumulateConstantOffsets(layout_, offset, true));
  if (!argument || !argument->hasByValAttr() || !isOnlyRead(*argument) || offset.isNegative())
    return std::nullopt;
  return PassedField{argument, offset.getSExtValue()};
}

// A number in a struct that was passed by value: every thread reads the same.
TermPtr ModelBuilder::passedNumber(const llvm::LoadInst& load) {
  unsigned bits = load.getType()->isIntegerTy() ? load.getType()->getIntegerBitWidth() : 0;
  auto field = bits > 1 && bits <= 64 && !load.isVolatile() ? passedField(load) : std::nullopt;
  if (!field)
    return nullptr;
  Sym sym{fmt::format("arg.{}+{}.{}", field->argument->getArgNo(), field->offset, bits), Scope::Grid, SymKind::Plain, {}, {}};
  sym.low = llvm::APInt::getSignedMinValue(bits).getSExtValue();
  sym.high = llvm::APInt::getSignedMaxValue(bits).getSExtValue();
  return pool_.symbol(sym);
}

// A pointer in a struct that was passed by value: an array of its own, like any other pointer that was passed.
std::optional<unsigned> ModelBuilder::fieldOf(const llvm::LoadInst& load) {
  auto passed = load.getType()->isPointerTy() ? passedField(load) : std::nullopt;
  if (!passed)
    return std::nullopt;
  for (unsigned i = 0; i < model_.arrays.size(); ++i)
    if (model_.arrays[i].parameter == passed->argument->getArgNo() && model_.arrays[i].field == passed->offset)
      return i;
  Array array;
  array.kind = ArrayKind::Parameter;
  array.parameter = passed->argument->getArgNo();
  array.field = passed->offset;
  array.name = fmt::format("{}+{}", passed->argument->getName().str(), array.field);
  array.symbol = "field:" + array.name;
  model_.arrays.push_back(array);
  return static_cast<unsigned>(model_.arrays.size() - 1);
}

std::optional<Pointer> ModelBuilder::pointer(const llvm::Value* value, const llvm::BasicBlock* user) {
  std::optional<Pointer> result = ownPointer(value);
  const auto* instruction = dyn_cast<llvm::Instruction>(value);
  if (result && instruction)
    for (PointerCase& one : *result)
      leave(one, instruction->getParent(), user);
  return result;
}

void ModelBuilder::leave(PointerCase& one, const llvm::BasicBlock* from, const llvm::BasicBlock* to) {
  one.when = leave(one.when, from, to);
  one.offset = leave(one.offset, from, to);
  for (InnerIndex& inner : one.inner)
    inner.index = leave(inner.index, from, to);
}

std::optional<Pointer> ModelBuilder::movedBy(Pointer base, TermPtr bytes) {
  for (PointerCase& one : base)
    one.offset = pool_.add(one.offset, bytes);
  return base;
}

namespace {
bool sameShape(const PointerCase& a, const PointerCase& b) {
  return a.array == b.array &&
         std::equal(a.inner.begin(), a.inner.end(), b.inner.begin(), b.inner.end(),
                    [](const InnerIndex& x, const InnerIndex& y) { return x.extent == y.extent; });
}
} // namespace

std::optional<Pointer> ModelBuilder::chosen(TermPtr condition, const Pointer& yes, const Pointer& no) {
  constexpr std::size_t most_cases = 8;
  Pointer all = no;
  for (PointerCase& one : all)
    one.when = pool_.both(one.when, pool_.negate(condition));
  for (PointerCase one : yes) {
    one.when = pool_.both(one.when, condition);
    auto same = std::find_if(all.begin(), all.end(), [&](const PointerCase& other) { return sameShape(one, other); });
    if (same == all.end()) {
      all.push_back(one);
      continue;
    }
    same->offset = pool_.ite(one.when, one.offset, same->offset);
    for (std::size_t i = 0; i < one.inner.size(); ++i)
      same->inner[i].index = pool_.ite(one.when, one.inner[i].index, same->inner[i].index);
    same->when = pool_.either(same->when, one.when);
  }
  return all.size() <= most_cases ? std::optional(all) : std::nullopt;
}

std::optional<Pointer> ModelBuilder::ownPointer(const llvm::Value* value) {
  auto found = pointers_.find(value);
  if (found != pointers_.end())
    return found->second;
  std::optional<Pointer> result;
  if (auto object = objectOf(value))
    result = Pointer{{pool_.boolean(true), *object, pool_.constant(0), {}}};
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
    if (a && b && select->getCondition()->getType()->isIntegerTy(1))
      result = chosen(this->value(select->getCondition(), select->getParent()), *a, *b);
  } else if (const auto* cast = dyn_cast<llvm::IntToPtrInst>(value)) {
    result =
        fromAddress(this->value(cast->getOperand(0), cast->getParent()), cast->getType()->getPointerAddressSpace());
  }
  return pointers_[value] = result;
}

namespace {

/// Dimensions of an array type: 2 for [9 x [16 x float]].
unsigned rankOf(const llvm::Type* type) {
  unsigned rank = 0;
  for (; const auto* array = dyn_cast<llvm::ArrayType>(type); type = array->getElementType())
    ++rank;
  return rank;
}

/// Its first array index is the one that the bounds of the whole variable judge.
bool startsAtVariable(const llvm::GEPOperator& gep) {
  const llvm::Value* base = gep.getPointerOperand()->stripPointerCasts();
  const auto* variable = dyn_cast<llvm::GlobalVariable>(base);
  const auto* local = dyn_cast<llvm::AllocaInst>(base);
  unsigned rank = variable ? rankOf(variable->getValueType()) : local ? rankOf(local->getAllocatedType()) : 0;
  return rank > 0 && rankOf(gep.getSourceElementType()) == rank;
}

} // namespace

std::optional<Pointer> ModelBuilder::elementPointer(const llvm::GEPOperator& gep) {
  const auto* instruction = dyn_cast<llvm::Instruction>(&gep);
  const llvm::BasicBlock* user = instruction ? instruction->getParent() : nullptr;
  auto base = user ? pointer(gep.getPointerOperand(), user) : ownPointer(gep.getPointerOperand());
  if (!base || gep.getType()->isVectorTy())
    return std::nullopt;
  TermPtr offset = pool_.constant(0);
  std::vector<InnerIndex> inner;
  const llvm::Type* container = nullptr;
  bool outermost = startsAtVariable(gep);
  for (auto step = llvm::gep_type_begin(gep), end = llvm::gep_type_end(gep); step != end; ++step) {
    if (llvm::StructType* type = step.getStructTypeOrNull()) {
      container = step.getIndexedType();
      auto field = static_cast<unsigned>(cast<llvm::ConstantInt>(step.getOperand())->getZExtValue());
      offset = pool_.add(offset, pool_.constant(static_cast<std::int64_t>(
                                     layout_.getStructLayout(type)->getElementOffset(field).getFixedValue())));
      continue;
    }
    auto size = static_cast<std::int64_t>(step.getSequentialElementStride(layout_).getFixedValue());
    TermPtr index = user ? value(step.getOperand(), user) : ownValue(step.getOperand());
    offset = pool_.add(offset, pool_.mul(pool_.constant(size), index));
    if (const auto* row = dyn_cast_or_null<llvm::ArrayType>(container)) {
      if (!outermost)
        inner.push_back({index, static_cast<std::int64_t>(row->getNumElements())});
      outermost = false;
    }
    container = step.getIndexedType();
  }
  for (PointerCase& one : *base)
    one.inner.insert(one.inner.end(), inner.begin(), inner.end());
  return movedBy(*base, offset);
}

std::optional<Pointer> ModelBuilder::mergePointers(const llvm::PHINode& phi) {
  std::optional<Pointer> result;
  for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i) {
    const llvm::BasicBlock* from = phi.getIncomingBlock(i);
    auto incoming = pointer(phi.getIncomingValue(i), from);
    if (!incoming)
      return std::nullopt;
    for (PointerCase& one : *incoming)
      leave(one, from, phi.getParent());
    if (!result) {
      result = incoming;
      continue;
    }
    TermPtr taken = leave(pool_.both(path(from), edge(from, phi.getParent())), from, phi.getParent());
    result = chosen(taken, *incoming, *result);
    if (!result)
      return std::nullopt;
  }
  return result;
}

// A pointer that walks: from where it starts, by a number of bytes that is a loop variable like any other.
void ModelBuilder::startPointer(const llvm::PHINode& phi, const llvm::Loop& loop) {
  auto start = pointer(phi.getIncomingValueForBlock(loop.getLoopPreheader()), loop.getLoopPreheader());
  TermPtr moved = walked_[&phi] = loopSymbol(phi, "pointer");
  pointers_[&phi] = start ? movedBy(*start, moved) : std::nullopt;
}

void ModelBuilder::closePointer(const llvm::PHINode& phi, const llvm::Loop& loop) {
  auto now = pointers_.at(&phi);
  if (!now)
    return;
  auto start = pointer(phi.getIncomingValueForBlock(loop.getLoopPreheader()), loop.getLoopPreheader());
  auto next = pointer(phi.getIncomingValueForBlock(loop.getLoopLatch()), loop.getLoopLatch());
  bool same_cases = start && next && next->size() == now->size();
  for (std::size_t i = 0; same_cases && i < now->size(); ++i)
    same_cases = (*next)[i].array == (*now)[i].array && (*next)[i].when == (*now)[i].when;
  if (!same_cases)
    return unsupported(phi, "a pointer that walks from one array to another");
  // now = start + moved in every case; closed where all cases make the same step.
  TermPtr moved = walked_.at(&phi);
  TermPtr closed = nullptr;
  for (std::size_t i = 0; i < now->size(); ++i) {
    TermPtr step = pool_.add(moved, pool_.sub((*next)[i].offset, (*now)[i].offset));
    TermPtr form = closedForm(loop, moved, pool_.constant(0), step);
    if (!form || (closed && form != closed))
      return;
    closed = form;
  }
  closed_forms_[moved->sym] = closed;
}

} // namespace kverify::verifier
