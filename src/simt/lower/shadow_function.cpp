#include "simt/lower/shadow_function.h"

#include <cstddef>

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

#include "simt/runtime/abi.h"

namespace kverify::simt::lower {

using llvm::Instruction;
using llvm::Value;

std::uint32_t formatOf(const llvm::Type* type) {
  return type->isFloatTy()    ? shadow::kF32
         : type->isDoubleTy() ? shadow::kF64
         : type->isHalfTy()   ? shadow::kF16
         : type->isBFloatTy() ? shadow::kBf16
                              : shadow::kNoFormat;
}

namespace {

bool isFloating(const llvm::Type* type) {
  return formatOf(type->getScalarType()) != shadow::kNoFormat && !type->isScalableTy();
}

double constantValue(const llvm::ConstantFP& constant) {
  llvm::APFloat value = constant.getValueAPF();
  bool inexact = false;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &inexact);
  return value.convertToDouble();
}

std::string operationName(const Instruction& instruction) {
  if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction))
    if (const llvm::Function* callee = call->getCalledFunction())
      return callee->getName().str();
  return instruction.getOpcodeName();
}

bool isOneLine(const Instruction& a, const Instruction& b) {
  const llvm::DebugLoc &one = a.getDebugLoc(), &other = b.getDebugLoc();
  return !one == !other && (!one || (one.getLine() == other.getLine() && one.getInlinedAt() == other.getInlinedAt()));
}

std::uint32_t runningOf(std::uint32_t op) {
  return op == shadow::kAdd ? shadow::kRunningAdd : op == shadow::kSub ? shadow::kRunningSub : shadow::kRunningFma;
}

/// A store of the executor's own (its count of steps) where no float ever is. What it stages for the operations of a
/// warp is its own, too, but floats pass through it.
bool isBookkeeping(const Instruction& instruction) {
  auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
  auto* place = store ? llvm::dyn_cast<llvm::AllocaInst>(store->getPointerOperand()) : nullptr;
  return place && store->hasMetadata(kNoInstrument) && llvm::isAllocaPromotable(place);
}

/// Instructions through which bits pass unchanged, lane by lane.
bool moves(const Instruction& instruction) {
  switch (instruction.getOpcode()) {
  case Instruction::PHI:
  case Instruction::Select:
  case Instruction::Freeze:
  case Instruction::Trunc:
  case Instruction::ZExt:
  case Instruction::Shl:
  case Instruction::LShr:
  case Instruction::Or:
  case Instruction::And:
  case Instruction::BitCast:
  case Instruction::ExtractElement:
  case Instruction::InsertElement:
  case Instruction::ShuffleVector:
  case Instruction::ExtractValue:
  case Instruction::InsertValue: return true;
  default: break;
  }
  auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
  return call && (call->getIntrinsicID() == llvm::Intrinsic::fshl || call->getIntrinsicID() == llvm::Intrinsic::fshr);
}

} // namespace

unsigned ShadowConstants::numberOf(double value) {
  auto found = numbers_.try_emplace(llvm::bit_cast<std::uint64_t>(value), static_cast<unsigned>(values_.size()));
  if (found.second)
    values_.push_back(value);
  return found.first->second;
}

ShadowFunction::ShadowFunction(llvm::Module& module, llvm::Function& function, ShadowDomain domain,
                               unsigned granule_log2, Sites& sites, ShadowConstants& constants,
                               const OwnShared& own_shared)
    : m_(module), f_(function), domain_(domain), granule_log2_(granule_log2), sites_(sites), constants_(constants),
      own_shared_(own_shared) {
  llvm::Type* number = llvm::Type::getDoubleTy(m_.getContext());
  part_type_[0] = domain == ShadowDomain::Field ? llvm::FixedVectorType::get(number, 4) : number;
  part_type_[1] = domain == ShadowDomain::Interval ? number : word();
  out_type_ = llvm::StructType::get(m_.getContext(), {part_type_[0], part_type_[1], word()});
}

void ShadowFunction::run() {
  llvm::SmallVector<Instruction*, 0> order;
  for (llvm::BasicBlock* block : llvm::ReversePostOrderTraversal<llvm::Function*>(&f_))
    for (Instruction& instruction : *block)
      order.push_back(&instruction);
  ShadowBuilder head(&*f_.getEntryBlock().getFirstInsertionPt());
  Value* context = contextOf(head, m_);
  auto field = [&](std::size_t offset, llvm::Type* type, Value* base) {
    llvm::LoadInst* load = head.CreateLoad(type, head.CreateConstInBoundsGEP1_64(head.getInt8Ty(), base, offset));
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(m_.getContext(), {}));
    load->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
    return load;
  };
  origin_ = field(offsetof(abi::ThreadContext, shadow_origin), word(), context);
  state_ = field(offsetof(abi::ThreadContext, shadow_state), head.getPtrTy(), context);
  llvm::LoadInst* table = field(offsetof(shadow::State, constants), head.getPtrTy(), state_);
  table_ = table;
  moduli_ = inverses_ = nothing(0);
  llvm::Instruction* last = table;
  if (domain_ == ShadowDomain::Field) {
    moduli_ = field(offsetof(shadow::State, moduli), part_type_[0], state_);
    inverses_ = last = field(offsetof(shadow::State, inverses), part_type_[0], state_);
  }
  llvm::AllocaInst* out = ShadowBuilder(&*f_.getEntryBlock().begin()).CreateAlloca(out_type_);
  out->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
  out_ = out;
  prelude_ = last->getNextNode();
  if (domain_ == ShadowDomain::Field)
    sums_ = RunningSums(f_);
  if (domain_ != ShadowDomain::Interval)
    findProducts();
  findLocals();
  findCarriers();
  for (Instruction* instruction : order)
    visit(*instruction);
  fillPhis();
  for (Instruction* instruction : dead_)
    instruction->eraseFromParent();
}

void ShadowFunction::findCarriers() {
  llvm::SmallVector<Value*, 64> work;
  for (Instruction& instruction : llvm::instructions(f_)) {
    if (isFloating(instruction.getType()))
      continue;
    bool source = llvm::isa<llvm::AtomicRMWInst, llvm::AtomicCmpXchgInst>(instruction);
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction))
      source = load->getType()->isIntOrIntVectorTy() && lanesIn(load->getType()) > 0 &&
               !load->hasMetadata(llvm::LLVMContext::MD_invariant_load);
    if (auto* cast = llvm::dyn_cast<llvm::BitCastInst>(&instruction))
      source = isFloating(cast->getSrcTy());
    if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction); call && call->getCalledFunction())
      source = givesHalfBits(call->getCalledFunction()->getName()) || call->getCalledFunction()->getName() == "kv_shfl";
    if (source && carriers_.insert(&instruction).second)
      work.push_back(&instruction);
  }
  while (!work.empty())
    for (llvm::User* user : work.pop_back_val()->users())
      if (auto* instruction = llvm::dyn_cast<Instruction>(user); instruction && moves(*instruction))
        if (carriers_.insert(instruction).second)
          work.push_back(instruction);
}

/// A product that one addition of its line alone takes is part of it: the field knows no rounding between them, and
/// double-double blames lines.
void ShadowFunction::findProducts() {
  for (Instruction& instruction : llvm::instructions(f_)) {
    if (instruction.getOpcode() != Instruction::FAdd)
      continue;
    for (unsigned n : {1u, 0u}) {
      auto* product = llvm::dyn_cast<Instruction>(instruction.getOperand(n));
      if (product && product->getOpcode() == Instruction::FMul && product->hasOneUse() &&
          isOneLine(*product, instruction)) {
        products_[&instruction] = product;
        part_of_sum_.insert(product);
        break;
      }
    }
  }
}

void ShadowFunction::visit(Instruction& instruction) {
  if (isBookkeeping(instruction) || part_of_sum_.contains(&instruction))
    return;
  if (isFloating(instruction.getType()) || llvm::isa<llvm::AtomicRMWInst>(instruction)) {
    lanesOf(&instruction);
    return;
  }
  if (auto* each = llvm::dyn_cast<llvm::StoreInst>(&instruction))
    return store(*each);
  if (auto* each = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&instruction))
    return exchange(*each);
  if (auto* each = llvm::dyn_cast<llvm::MemIntrinsic>(&instruction))
    return transfer(*each);
  if (auto* each = llvm::dyn_cast<llvm::FCmpInst>(&instruction))
    return compare(*each);
  auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  if (!call || !call->getCalledFunction())
    return;
  llvm::StringRef name = call->getCalledFunction()->getName();
  if (name == "kv_shfl" || givesHalfBits(name))
    lanesOf(call);
  else if (name.starts_with("llvm.fptosi.sat") || name.starts_with("llvm.fptoui.sat") || name == "kv_to_signed" ||
           name == "kv_to_unsigned")
    leave(*call, call->getArgOperand(0));
}

// --- values ---------------------------------------------------------------------------------------------------------

Lanes ShadowFunction::lanesOf(Value* value) {
  if (auto found = values_.find(value); found != values_.end())
    return found->second;
  Lanes lanes;
  if (auto* constant = llvm::dyn_cast<llvm::Constant>(value)) {
    lanes = constantLanes(*constant);
  } else if (auto* instruction = llvm::dyn_cast<Instruction>(value)) {
    if (sums_.contains(value)) {
      Lanes raw = floatLanes(*instruction);
      raw_[value] = raw;
      lanes = settled(*instruction, raw);
    } else if (isFloating(value->getType()))
      lanes = floatLanes(*instruction);
    else if (carriers_.contains(value) && lanesIn(value->getType()) > 0)
      lanes = integerLanes(*instruction);
    else
      lanes.resize(std::max(1u, lanesIn(value->getType())));
  } else if (isFloating(value->getType())) { // an argument of a function that was not inlined
    ShadowBuilder b(prelude_);
    llvm::SmallVector<Lane, 4> elements;
    for (unsigned i = 0; i < elementsIn(value->getType()); ++i)
      elements.push_back(from(b, asDouble(b, elementOf(b, value, i)), false, 0));
    lanes = spread(elements, value->getType()->getScalarType());
  } else {
    lanes.resize(std::max(1u, lanesIn(value->getType())));
  }
  values_[value] = lanes;
  return lanes;
}

Lanes ShadowFunction::constantLanes(llvm::Constant& constant) {
  llvm::Type* type = constant.getType();
  if (!isFloating(type))
    return Lanes(std::max(1u, lanesIn(type)));
  llvm::SmallVector<Lane, 4> elements;
  for (unsigned i = 0; i < elementsIn(type); ++i) {
    llvm::Constant* element = type->isVectorTy() ? constant.getAggregateElement(i) : &constant;
    auto* number = llvm::dyn_cast_or_null<llvm::ConstantFP>(element);
    elements.push_back(constantLane(number ? constantValue(*number) : 0));
  }
  return spread(elements, type->getScalarType());
}

Lane ShadowFunction::constantLane(double value) {
  unsigned number = constants_.numberOf(value);
  if (auto found = constant_lanes_.find(number); found != constant_lanes_.end())
    return found->second;
  ShadowBuilder b(prelude_);
  Value* place = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), table_, number * sizeof(shadow::Cell));
  return constant_lanes_[number] = lane(b, "kv_sh_read_cell", {place});
}

Lanes ShadowFunction::floatLanes(Instruction& instruction) {
  switch (instruction.getOpcode()) {
  case Instruction::PHI: return phiLanes(llvm::cast<llvm::PHINode>(instruction), true);
  case Instruction::Select: return selectLanes(llvm::cast<llvm::SelectInst>(instruction));
  case Instruction::Freeze: return lanesOf(instruction.getOperand(0));
  case Instruction::Load: return loadFloats(llvm::cast<llvm::LoadInst>(instruction));
  case Instruction::FAdd: return binaryLanes(instruction, shadow::kAdd);
  case Instruction::FSub: return binaryLanes(instruction, shadow::kSub);
  case Instruction::FMul: return binaryLanes(instruction, shadow::kMul);
  case Instruction::FDiv: return binaryLanes(instruction, shadow::kDiv);
  case Instruction::FRem: return binaryLanes(instruction, shadow::kOther);
  case Instruction::FNeg: return binaryLanes(instruction, shadow::kNeg);
  case Instruction::FPTrunc: return binaryLanes(instruction, shadow::kRound);
  case Instruction::FPExt:
  case Instruction::BitCast:
  case Instruction::SIToFP:
  case Instruction::UIToFP: return castLanes(llvm::cast<llvm::CastInst>(instruction));
  case Instruction::Call: return callLanes(llvm::cast<llvm::CallInst>(instruction));
  case Instruction::AtomicRMW: atomic(llvm::cast<llvm::AtomicRMWInst>(instruction)); return values_[&instruction];
  case Instruction::ExtractElement:
  case Instruction::InsertElement:
  case Instruction::ShuffleVector: return vectorMove(instruction);
  case Instruction::ExtractValue: {
    auto& extract = llvm::cast<llvm::ExtractValueInst>(instruction);
    Value* inserted = llvm::FindInsertedValue(extract.getAggregateOperand(), extract.getIndices());
    return inserted && inserted != &instruction ? lanesOf(inserted) : unstamped(instruction);
  }
  default: return unstamped(instruction);
  }
}

Lanes ShadowFunction::phiLanes(llvm::PHINode& phi, bool floating) {
  ShadowBuilder b(&phi);
  Lanes lanes(std::max(1u, lanesIn(phi.getType())));
  unsigned per_element = floating ? std::max(1u, lanesIn(phi.getType()->getScalarType())) : 1;
  for (unsigned i = 0; i < lanes.size(); i += per_element) {
    for (unsigned p = 0; p < 2; ++p)
      lanes[i].part[p] = b.CreatePHI(part_type_[p], phi.getNumIncomingValues());
    if (!floating)
      lanes[i].stamp = b.CreatePHI(word(), phi.getNumIncomingValues());
  }
  open_phis_.push_back(&phi);
  return lanes;
}

void ShadowFunction::fillPhis() {
  while (!open_phis_.empty()) {
    llvm::PHINode* phi = open_phis_.pop_back_val();
    const bool sum = sums_.contains(phi);
    Lanes lanes = sum ? raw_[phi] : values_[phi];
    for (unsigned n = 0; n < phi->getNumIncomingValues(); ++n) {
      Value* value = phi->getIncomingValue(n);
      llvm::BasicBlock* block = phi->getIncomingBlock(n);
      Lanes in = lanesOf(value);
      if (sum && sums_.contains(value))
        in = raw_[value];
      for (unsigned i = 0; i < lanes.size(); ++i) {
        if (lanes[i].isVoid())
          continue;
        for (unsigned p = 0; p < 2; ++p)
          llvm::cast<llvm::PHINode>(lanes[i].part[p])->addIncoming(in[i].isVoid() ? nothing(p) : in[i].part[p], block);
        if (lanes[i].stamp)
          llvm::cast<llvm::PHINode>(lanes[i].stamp)
              ->addIncoming(in[i].isVoid() || !in[i].stamp ? zero() : in[i].stamp, block);
      }
    }
  }
}

Lanes ShadowFunction::selectLanes(llvm::SelectInst& select) {
  if (select.getCondition()->getType()->isVectorTy())
    return isFloating(select.getType()) ? unstamped(select) : Lanes(lanesIn(select.getType()));
  Lanes yes = lanesOf(select.getTrueValue()), no = lanesOf(select.getFalseValue()), out(yes.size());
  ShadowAfter b(select);
  for (unsigned i = 0; i < yes.size(); ++i) {
    if (!yes[i].isVoid() || !no[i].isVoid())
      out[i] = choose(b, select.getCondition(), yes[i], no[i], !isFloating(select.getType()));
  }
  return out;
}

/// Element by element; one, two or three operands.
Lanes ShadowFunction::binaryLanes(Instruction& instruction, std::uint32_t op) {
  llvm::SmallVector<Lane, 4> elements;
  ShadowAfter b(instruction);
  std::uint32_t site = sites_.add(instruction, operationName(instruction));
  llvm::SmallVector<Value*, 4> values;
  if (Instruction* product = products_.lookup(&instruction)) {
    const unsigned other = instruction.getOperand(1) == product ? 0 : 1;
    values = {product->getOperand(0), product->getOperand(1), instruction.getOperand(other)};
    op = domain_ == ShadowDomain::Field ? shadow::kFma : shadow::kMulAdd;
  } else {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    for (Value* each : instruction.operands())
      if (isFloating(each->getType()) && values.size() < 3 && !(call && each == call->getCalledOperand()))
        values.push_back(each);
  }
  const bool sum = sums_.contains(&instruction);
  for (unsigned i = 0; i < elementsIn(instruction.getType()); ++i) {
    llvm::SmallVector<Operand, 3> operands;
    for (Value* each : values)
      operands.push_back(operand(b, each, i));
    if (sum) // a scalar: its own addend comes as it runs, any other reduced
      for (unsigned n = op == shadow::kFma ? 2 : 0; n < values.size(); ++n)
        if (sums_.contains(values[n]))
          operands[n].lane = raw_[values[n]][0];
    elements.push_back(apply(b, sum ? runningOf(op) : op, operands, asDouble(b, elementOf(b, &instruction, i)), site));
  }
  return spread(elements, instruction.getType()->getScalarType());
}

Lanes ShadowFunction::settled(Instruction& sum, const Lanes& raw) {
  ShadowBuilder b(llvm::isa<llvm::PHINode>(sum) ? &*sum.getParent()->getFirstInsertionPt()
                                                : llvm::cast<Instruction>(raw[0].part[1])->getNextNode());
  return spread({lane(b, "kv_sh_settle", {moduli_, inverses_, raw[0].part[0], raw[0].part[1]})}, sum.getType());
}

Lanes ShadowFunction::castLanes(llvm::CastInst& cast) {
  if (llvm::isa<llvm::SIToFPInst, llvm::UIToFPInst>(cast))
    return fromInteger(cast);
  if (llvm::isa<llvm::BitCastInst>(cast)) {
    if (isFloating(cast.getSrcTy()) && cast.getSrcTy()->getScalarType() == cast.getDestTy()->getScalarType())
      return lanesOf(cast.getOperand(0));
    return bitsAsFloats(cast, cast.getOperand(0));
  }
  // A wider float holds the same number.
  llvm::SmallVector<Lane, 4> elements;
  ShadowAfter b(cast);
  for (unsigned i = 0; i < elementsIn(cast.getType()); ++i)
    elements.push_back(operand(b, cast.getOperand(0), i).lane);
  return spread(elements, cast.getType()->getScalarType());
}

Lanes ShadowFunction::fromInteger(Instruction& instruction) {
  ShadowAfter b(instruction);
  std::uint32_t site = sites_.add(instruction, operationName(instruction));
  llvm::SmallVector<Lane, 4> elements;
  for (unsigned i = 0; i < elementsIn(instruction.getType()); ++i)
    elements.push_back(from(b, asDouble(b, elementOf(b, &instruction, i)), true, site));
  return spread(elements, instruction.getType()->getScalarType());
}

Lanes ShadowFunction::unstamped(Instruction& instruction) {
  ShadowAfter b(instruction);
  std::uint32_t site = sites_.add(instruction, operationName(instruction));
  llvm::SmallVector<Lane, 4> elements;
  for (unsigned i = 0; i < elementsIn(instruction.getType()); ++i)
    elements.push_back(from(b, asDouble(b, elementOf(b, &instruction, i)), false, site));
  return spread(elements, instruction.getType()->getScalarType());
}

// --- helpers --------------------------------------------------------------------------------------------------------

unsigned ShadowFunction::lanesIn(llvm::Type* type) const {
  if (!type->isSized() || type->isScalableTy())
    return 0;
  return static_cast<unsigned>(m_.getDataLayout().getTypeStoreSize(type).getFixedValue() >> granule_log2_);
}

unsigned ShadowFunction::elementsIn(llvm::Type* type) const {
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return vector ? vector->getNumElements() : 1;
}

Value* ShadowFunction::elementOf(ShadowBuilder& b, Value* value, unsigned i) {
  return value->getType()->isVectorTy() ? b.CreateExtractElement(value, i) : value;
}

Value* ShadowFunction::asDouble(ShadowBuilder& b, Value* value) {
  return value->getType()->isDoubleTy() ? value : b.CreateFPExt(value, b.getDoubleTy());
}

Value* ShadowFunction::stampOfBits(ShadowBuilder& b, Value* bits, std::uint32_t format) {
  bits = b.CreateZExt(bits, word());
  if (format == shadow::kF64)
    bits = b.CreateAnd(b.CreateXor(bits, b.CreateLShr(bits, 32)), 0xffffffffu);
  return b.CreateOr(bits, static_cast<std::uint64_t>(format) << 32);
}

Value* ShadowFunction::stampOf(ShadowBuilder& b, Value* value) {
  llvm::Type* type = value->getType();
  auto bits = static_cast<unsigned>(type->getPrimitiveSizeInBits());
  return stampOfBits(b, b.CreateBitCast(value, b.getIntNTy(bits)), formatOf(type));
}

Value* ShadowFunction::addressOf(ShadowBuilder& b, Value* pointer, std::uint64_t offset) {
  Value* address = b.CreatePtrToInt(pointer, word());
  return offset ? b.CreateAdd(address, b.getInt64(offset)) : address;
}

ShadowFunction::Operand ShadowFunction::operand(ShadowBuilder& b, Value* value, unsigned element) {
  unsigned per_element = std::max(1u, lanesIn(value->getType()->getScalarType()));
  return {lanesOf(value)[element * per_element], asDouble(b, elementOf(b, value, element))};
}

Value* ShadowFunction::call(ShadowBuilder& b, const char* name, llvm::Type* result, llvm::ArrayRef<Value*> arguments) {
  llvm::SmallVector<llvm::Type*, 16> types;
  for (Value* argument : arguments)
    types.push_back(argument->getType());
  return b.CreateCall(m_.getOrInsertFunction(name, llvm::FunctionType::get(result, types, false)), arguments);
}

Lane ShadowFunction::lane(ShadowBuilder& b, const char* name, llvm::ArrayRef<Value*> arguments, bool stamped) {
  llvm::SmallVector<Value*, 20> all{out_};
  all.append(arguments.begin(), arguments.end());
  call(b, name, b.getVoidTy(), all);
  auto field = [&](unsigned index, llvm::Type* type) {
    llvm::LoadInst* load = b.CreateLoad(type, b.CreateStructGEP(out_type_, out_, index));
    load->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
    return load;
  };
  Lane made;
  made.part[0] = field(0, part_type_[0]);
  made.part[1] = field(1, part_type_[1]);
  if (stamped)
    made.stamp = field(2, word());
  return made;
}

Lane ShadowFunction::choose(ShadowBuilder& b, Value* condition, const Lane& yes, const Lane& no, bool stamped) {
  Lane out;
  for (unsigned p = 0; p < 2; ++p)
    out.part[p] =
        b.CreateSelect(condition, yes.isVoid() ? nothing(p) : yes.part[p], no.isVoid() ? nothing(p) : no.part[p]);
  if (stamped)
    out.stamp = b.CreateSelect(condition, yes.stamp ? yes.stamp : zero(), no.stamp ? no.stamp : zero());
  return out;
}

Lane ShadowFunction::apply(ShadowBuilder& b, std::uint32_t op, llvm::ArrayRef<Operand> operands, Value* result,
                           std::uint32_t site) {
  llvm::SmallVector<Value*, 20> arguments{state_, moduli_, inverses_, b.getInt32(op)};
  for (unsigned i = 0; i < 3; ++i)
    for (unsigned p = 0; p < 2; ++p)
      arguments.push_back(i < operands.size() ? operands[i].lane.part[p] : nothing(p));
  for (unsigned i = 0; i < 3; ++i)
    arguments.push_back(i < operands.size() ? operands[i].concrete : llvm::ConstantFP::get(b.getDoubleTy(), 0));
  arguments.push_back(result);
  arguments.push_back(b.getInt32(site));
  return lane(b, "kv_sh_op", arguments);
}

Lane ShadowFunction::from(ShadowBuilder& b, Value* concrete, bool constant, std::uint32_t site) {
  return lane(b, "kv_sh_from", {state_, concrete, b.getInt32(constant), b.getInt32(site)});
}

Lanes ShadowFunction::spread(llvm::ArrayRef<Lane> elements, llvm::Type* element_type) const {
  unsigned per_element = std::max(1u, lanesIn(element_type));
  Lanes lanes;
  for (const Lane& element : elements) {
    lanes.push_back(element);
    lanes.back().stamp = nullptr;
    lanes.resize(lanes.size() + per_element - 1);
  }
  return lanes;
}

ShadowAfter::ShadowAfter(Instruction& instruction)
    : llvm::IRBuilder<>(llvm::isa<llvm::PHINode>(instruction) ? &*instruction.getParent()->getFirstInsertionPt()
                                                              : instruction.getNextNode()) {
  SetCurrentDebugLocation(instruction.getDebugLoc());
}

// --- module ---------------------------------------------------------------------------------------------------------

unsigned shadowGranuleLog2(llvm::Module& module, unsigned access_granule_log2) {
  unsigned granule = std::max(1u, access_granule_log2);
  for (llvm::Function& function : module) {
    llvm::StringRef name = function.getName();
    if (function.use_empty())
      continue;
    if (name.contains("e4m3") || name.contains("e5m2"))
      return 0;
    if (name == "kv_warp_op" || (name.starts_with("kv_") && name.contains("f16")) || name.starts_with("kv_half_") ||
        name.starts_with("kv_bfloat_"))
      granule = 1;
  }
  for (llvm::Function& function : module)
    for (Instruction& instruction : llvm::instructions(function)) {
      llvm::Type* type = instruction.getType()->getScalarType();
      if (type->isHalfTy() || type->isBFloatTy() || type->isIntegerTy(16))
        granule = 1;
    }
  return granule;
}

void addShadows(llvm::Module& module, ShadowDomain domain, unsigned granule_log2, Sites& sites,
                ShadowConstants& constants, const SiteTable& table) {
  const OwnShared own_shared = ownSharedArrays(module, table);
  llvm::SmallVector<llvm::Function*, 8> functions;
  for (llvm::Function& function : module)
    if (!function.isDeclaration())
      functions.push_back(&function);
  for (llvm::Function* function : functions)
    ShadowFunction(module, *function, domain, granule_log2, sites, constants, own_shared).run();
}

} // namespace kverify::simt::lower
