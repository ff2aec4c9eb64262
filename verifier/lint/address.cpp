#include "verifier/lint/address.h"

#include <fmt/format.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/GetElementPtrTypeIterator.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Operator.h>

namespace kverify::verifier::lint {

namespace {

constexpr unsigned kShared = 3;

class Summer {
public:
  explicit Summer(const llvm::DataLayout& layout) : layout_(layout) {}

  void integer(const llvm::Value& value, std::int64_t factor) {
    if (const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(&value)) {
      if (constant->getValue().isSignedIntN(63))
        sum.bytes += constant->getSExtValue() * factor;
      else
        add(value, factor);
      return;
    }
    if (llvm::isa<llvm::SExtInst>(value) || llvm::isa<llvm::ZExtInst>(value) || llvm::isa<llvm::TruncInst>(value))
      return integer(*llvm::cast<llvm::CastInst>(value).getOperand(0), factor);
    if (const auto* cast = llvm::dyn_cast<llvm::PtrToIntOperator>(&value); cast && factor == 1 && !sum.base)
      return pointer(*cast->getPointerOperand());
    const auto* op = llvm::dyn_cast<llvm::BinaryOperator>(&value);
    if (!op)
      return add(value, factor);
    const llvm::Value &a = *op->getOperand(0), &b = *op->getOperand(1);
    const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(&b);
    bool small = constant && constant->getValue().isSignedIntN(31);
    if (op->getOpcode() == llvm::Instruction::Add) {
      integer(a, factor);
      integer(b, factor);
    } else if (op->getOpcode() == llvm::Instruction::Sub) {
      integer(a, factor);
      integer(b, -factor);
    } else if (op->getOpcode() == llvm::Instruction::Mul && small) {
      integer(a, factor * constant->getSExtValue());
    } else if (op->getOpcode() == llvm::Instruction::Shl && small && constant->getZExtValue() < 31) {
      integer(a, factor << constant->getZExtValue());
    } else {
      add(value, factor);
    }
  }

  void pointer(const llvm::Value& value) {
    if (const auto* gep = llvm::dyn_cast<llvm::GEPOperator>(&value)) {
      for (auto at = llvm::gep_type_begin(gep), end = llvm::gep_type_end(gep); at != end; ++at) {
        if (const llvm::StructType* type = at.getStructTypeOrNull()) {
          auto field = static_cast<unsigned>(llvm::cast<llvm::ConstantInt>(at.getOperand())->getZExtValue());
          sum.bytes += static_cast<std::int64_t>(
              layout_.getStructLayout(const_cast<llvm::StructType*>(type))->getElementOffset(field).getFixedValue());
        } else {
          integer(*at.getOperand(), static_cast<std::int64_t>(at.getSequentialElementStride(layout_).getFixedValue()));
        }
      }
      return pointer(*gep->getPointerOperand());
    }
    if (const auto* cast = llvm::dyn_cast<llvm::Operator>(&value);
        cast && (cast->getOpcode() == llvm::Instruction::AddrSpaceCast || cast->getOpcode() == llvm::Instruction::BitCast))
      return pointer(*cast->getOperand(0));
    sum.base = &value;
  }

  Address sum;

private:
  void add(const llvm::Value& atom, std::int64_t factor) {
    if ((sum.terms[&atom] += factor) == 0)
      sum.terms.erase(&atom);
  }
  const llvm::DataLayout& layout_;
};

} // namespace

std::string SameValues::keyOf(const llvm::Value* value, int depth) {
  auto itself = [&] { return fmt::format("{}", static_cast<const void*>(value)); };
  if (const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value); constant && constant->getValue().isSignedIntN(63))
    return fmt::format("#{}", constant->getSExtValue());
  const auto* i = llvm::dyn_cast<llvm::Instruction>(value);
  if (!i || depth == 0)
    return itself();
  if (const auto* phi = llvm::dyn_cast<llvm::PHINode>(i)) {
    // start, and start + step at the back edge
    if (phi->getNumIncomingValues() != 2)
      return itself();
    for (unsigned back : {0u, 1u}) {
      const auto* next = llvm::dyn_cast<llvm::BinaryOperator>(phi->getIncomingValue(back));
      if (!next || next->getOpcode() != llvm::Instruction::Add)
        continue;
      for (unsigned side : {0u, 1u})
        if (next->getOperand(side) == phi && !llvm::isa<llvm::PHINode>(next->getOperand(1 - side)))
          return "count(" + keyOf(phi->getIncomingValue(1 - back), depth - 1) + "," +
                 keyOf(next->getOperand(1 - side), depth - 1) + ")";
    }
    return itself();
  }
  if (!llvm::isa<llvm::BinaryOperator, llvm::CastInst>(i))
    return itself();
  std::string key = std::string(i->getOpcodeName()) + "(";
  for (const llvm::Use& operand : i->operands())
    key += keyOf(operand.get(), depth - 1) + ",";
  return key + ")";
}

const llvm::Value* SameValues::firstOf(const llvm::Value* value) {
  return first_.try_emplace(keyOf(value, 6), value).first->second;
}

Address addressOf(const llvm::Value& pointer, const llvm::DataLayout& layout) {
  Summer summer(layout);
  summer.pointer(pointer);
  return summer.sum;
}

Address sumOf(const llvm::Value& integer, const llvm::DataLayout& layout) {
  Summer summer(layout);
  summer.integer(integer, 1);
  return summer.sum;
}

std::map<const llvm::Value*, std::int64_t> termsOf(const Address& address, const Uniformity& uniform, bool varying) {
  std::map<const llvm::Value*, std::int64_t> kept;
  for (const auto& [atom, factor] : address.terms)
    if ((uniform.of(atom) != Spread::Block) == varying)
      kept.emplace(atom, factor);
  return kept;
}

const llvm::Value* sharedArray(const Address& address) {
  const auto* variable = llvm::dyn_cast_or_null<llvm::GlobalVariable>(address.base);
  return variable && variable->getAddressSpace() == kShared ? variable : nullptr;
}

} // namespace kverify::verifier::lint
