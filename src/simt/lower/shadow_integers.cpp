// Integers that carry floats: packed halves, vector loads, bits on their way through a shuffle. Their lanes move with
// the bits; what arithmetic makes of them has no shadow, and a stamp that does not fit the bits voids it where it is
// read as a float again. So a move that is modelled wrongly costs a shadow, never gives a wrong one.
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Constants.h>

#include "simt/lower/shadow_function.h"

namespace kverify::simt::lower {

using llvm::Instruction;
using llvm::Value;

Lanes ShadowFunction::integerLanes(Instruction& instruction) {
  unsigned count = lanesIn(instruction.getType());
  Lanes none(std::max(1u, count));
  switch (instruction.getOpcode()) {
  case Instruction::PHI: return phiLanes(llvm::cast<llvm::PHINode>(instruction), false);
  case Instruction::Select: return selectLanes(llvm::cast<llvm::SelectInst>(instruction));
  case Instruction::Freeze: return lanesOf(instruction.getOperand(0));
  case Instruction::Load: {
    ShadowAfter b(instruction);
    return readLanes(b, addressOf(b, llvm::cast<llvm::LoadInst>(instruction).getPointerOperand(), 0), count);
  }
  case Instruction::BitCast: {
    Value* from = instruction.getOperand(0);
    if (formatOf(from->getType()->getScalarType()) != shadow::kNoFormat) {
      ShadowAfter b(instruction);
      return floatsAsBits(from, b);
    }
    return lanesOf(from);
  }
  case Instruction::Trunc: {
    Lanes lanes = lanesOf(instruction.getOperand(0));
    if (instruction.getType()->isVectorTy())
      return none;
    lanes.resize(std::max(1u, count));
    return lanes;
  }
  case Instruction::ZExt: {
    Lanes lanes = lanesOf(instruction.getOperand(0));
    if (instruction.getType()->isVectorTy() || lanesIn(instruction.getOperand(0)->getType()) == 0)
      return none;
    lanes.resize(std::max(1u, count));
    return lanes;
  }
  case Instruction::Shl:
  case Instruction::LShr: return shiftedLanes(llvm::cast<llvm::BinaryOperator>(instruction));
  case Instruction::And: return maskedLanes(llvm::cast<llvm::BinaryOperator>(instruction));
  case Instruction::Or: return combinedLanes(instruction.getOperand(0), instruction.getOperand(1));
  case Instruction::ExtractElement:
  case Instruction::InsertElement:
  case Instruction::ShuffleVector: return vectorMove(instruction);
  case Instruction::ExtractValue: {
    auto& extract = llvm::cast<llvm::ExtractValueInst>(instruction);
    if (auto* each = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(extract.getAggregateOperand()))
      return extract.getIndices()[0] == 0 ? lanesOf(each) : none;
    Value* inserted = llvm::FindInsertedValue(extract.getAggregateOperand(), extract.getIndices());
    return inserted && inserted != &instruction ? lanesOf(inserted) : none;
  }
  case Instruction::AtomicRMW: atomic(llvm::cast<llvm::AtomicRMWInst>(instruction)); return values_[&instruction];
  case Instruction::Call: {
    auto& made = llvm::cast<llvm::CallInst>(instruction);
    llvm::StringRef name = made.getCalledFunction()->getName();
    if (name == "kv_shfl") {
      shuffle(made);
      return values_[&made];
    }
    return givesHalfBits(name) ? halfCall(made, name) : none;
  }
  default: return none;
  }
}

Lanes ShadowFunction::shiftedLanes(llvm::BinaryOperator& shift) {
  unsigned count = lanesIn(shift.getType()), lane_bits = 8u << granule_log2_;
  Lanes out(std::max(1u, count));
  auto* amount = llvm::dyn_cast<llvm::ConstantInt>(shift.getOperand(1));
  if (!amount || amount->getZExtValue() % lane_bits != 0)
    return out;
  Lanes in = lanesOf(shift.getOperand(0));
  auto by = static_cast<unsigned>(amount->getZExtValue() / lane_bits);
  bool left = shift.getOpcode() == Instruction::Shl;
  for (unsigned i = 0; i < count; ++i) {
    unsigned source = left ? i - by : i + by;
    if (source < count)
      out[i] = in[source];
  }
  return out;
}

Lanes ShadowFunction::maskedLanes(llvm::BinaryOperator& mask) {
  unsigned count = lanesIn(mask.getType()), lane_bits = 8u << granule_log2_;
  Lanes out(std::max(1u, count));
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(mask.getOperand(1));
  if (!constant)
    return out;
  Lanes in = lanesOf(mask.getOperand(0));
  for (unsigned i = 0; i < count; ++i)
    if (constant->getValue().extractBits(lane_bits, i * lane_bits).isAllOnes())
      out[i] = in[i];
  return out;
}

/// Two values whose lanes do not overlap. Where both have one, the bits decide when it is read.
Lanes ShadowFunction::combinedLanes(Value* a, Value* b) {
  Lanes one = lanesOf(a), other = lanesOf(b);
  for (unsigned i = 0; i < one.size(); ++i)
    if (one[i].isVoid())
      one[i] = other[i];
  return one;
}

/// Constant places only.
Lanes ShadowFunction::vectorMove(Instruction& instruction) {
  bool floating = formatOf(instruction.getType()->getScalarType()) != shadow::kNoFormat;
  unsigned per_element = std::max(1u, lanesIn(instruction.getType()->getScalarType()));
  auto failed = [&] { return floating ? unstamped(instruction) : Lanes(std::max(1u, lanesIn(instruction.getType()))); };
  auto copy = [&](Lanes& to, unsigned at, const Lanes& from, unsigned first) {
    for (unsigned i = 0; i < per_element; ++i)
      to[at * per_element + i] = from[first * per_element + i];
  };
  if (lanesIn(instruction.getType()->getScalarType()) == 0)
    return failed();
  if (auto* extract = llvm::dyn_cast<llvm::ExtractElementInst>(&instruction)) {
    auto* index = llvm::dyn_cast<llvm::ConstantInt>(extract->getIndexOperand());
    if (!index || index->getZExtValue() >= elementsIn(extract->getVectorOperandType()))
      return failed();
    Lanes out(per_element);
    copy(out, 0, lanesOf(extract->getVectorOperand()), static_cast<unsigned>(index->getZExtValue()));
    return out;
  }
  if (auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(&instruction)) {
    auto* index = llvm::dyn_cast<llvm::ConstantInt>(insert->getOperand(2));
    if (!index || index->getZExtValue() >= elementsIn(insert->getType()))
      return failed();
    Lanes out = lanesOf(insert->getOperand(0));
    copy(out, static_cast<unsigned>(index->getZExtValue()), lanesOf(insert->getOperand(1)), 0);
    return out;
  }
  auto& shuffle = llvm::cast<llvm::ShuffleVectorInst>(instruction);
  Lanes first = lanesOf(shuffle.getOperand(0)), second = lanesOf(shuffle.getOperand(1));
  unsigned width = elementsIn(shuffle.getOperand(0)->getType());
  Lanes out(elementsIn(shuffle.getType()) * per_element);
  for (unsigned i = 0; i < elementsIn(shuffle.getType()); ++i) {
    int from = shuffle.getMaskValue(i);
    if (from < 0)
      copy(out, i, first, 0); // undefined: any will do
    else
      copy(out, i, static_cast<unsigned>(from) < width ? first : second, static_cast<unsigned>(from) % width);
  }
  return out;
}

Lanes ShadowFunction::floatsAsBits(Value* floats, ShadowBuilder& b) {
  Lanes lanes = lanesOf(floats);
  unsigned per_element = std::max(1u, lanesIn(floats->getType()->getScalarType()));
  for (unsigned i = 0; i < lanes.size(); i += per_element)
    if (!lanes[i].isVoid())
      lanes[i].stamp = stampOf(b, elementOf(b, floats, i / per_element));
  return lanes;
}

/// The float of `bits` whose first lane is `lanes[first]`. A bfloat in the upper half of zeros is that float, too.
Lane ShadowFunction::asFloat(ShadowBuilder& b, const Lanes& lanes, unsigned first, Value* bits, std::uint32_t format,
                             Value* concrete, std::uint32_t site) {
  Lane found = lanes[first];
  Value* wanted = nullptr;
  unsigned upper = granule_log2_ == 0 ? 2 : 1;
  if (found.isVoid() && format == shadow::kF32 && granule_log2_ < 2 && first + upper < lanes.size() &&
      !lanes[first + upper].isVoid()) {
    found = lanes[first + upper];
    // Not zeros below: a stamp that nothing has.
    Value* low = b.CreateAnd(bits, 0xffff);
    wanted = b.CreateSelect(b.CreateICmpEQ(low, llvm::ConstantInt::get(bits->getType(), 0)),
                            stampOfBits(b, b.CreateLShr(bits, 16), shadow::kBf16), b.getInt64(~std::uint64_t{0}));
  } else if (found.isVoid() || !found.stamp) {
    return from(b, concrete, false, site);
  } else {
    wanted = stampOfBits(b, bits, format);
  }
  return this->lane(b, "kv_sh_as",
                    {state_, found.part[0], found.part[1], found.stamp, wanted, concrete, b.getInt32(site)});
}

Lanes ShadowFunction::bitsAsFloats(Instruction& cast, Value* integer) {
  ShadowAfter b(cast);
  std::uint32_t site = sites_.add(cast, "bits read as a float");
  llvm::Type* type = cast.getType()->getScalarType();
  Lanes in =
      formatOf(integer->getType()->getScalarType()) != shadow::kNoFormat ? floatsAsBits(integer, b) : lanesOf(integer);
  unsigned per_element = std::max(1u, lanesIn(type));
  llvm::SmallVector<Lane, 4> elements;
  for (unsigned i = 0; i < elementsIn(cast.getType()); ++i) {
    Value* element = elementOf(b, &cast, i);
    Value* bits = b.CreateBitCast(element, b.getIntNTy(static_cast<unsigned>(type->getPrimitiveSizeInBits())));
    elements.push_back(asFloat(b, in, i * per_element, bits, formatOf(type), asDouble(b, element), site));
  }
  return spread(elements, type);
}

} // namespace kverify::simt::lower
