// Code whose behaviour is undefined whatever the launch (x >> 40, x / 0, a store to null): the simplifications that
// follow take it for unreachable and would leave out accesses and branches that the machine executes. It becomes a call
// that nobody knows, which the model refuses by name. A variable that was never set has any value, and is not whatever
// makes the code simplest.
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

#include "frontend/ir/local_objects.h"
#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;
using llvm::isa;

namespace {

bool isUndefined(const llvm::BinaryOperator& op) {
  const auto* right = dyn_cast<llvm::ConstantInt>(op.getOperand(1));
  if (!right)
    return false;
  if (op.isShift())
    return right->getValue().uge(op.getType()->getScalarSizeInBits());
  return op.isIntDivRem() && right->isZero();
}

bool mayHoldPoison(const llvm::Instruction& instruction) {
  return isa<llvm::InsertElementInst, llvm::InsertValueInst, llvm::ShuffleVectorInst, llvm::DbgInfoIntrinsic>(
      instruction);
}

const llvm::Value* addressOf(const llvm::Instruction& instruction) {
  return llvm::getLoadStorePointerOperand(&instruction);
}

llvm::CallInst* unknown(llvm::Instruction& before, llvm::Type* type, const char* what) {
  std::string name = std::string(what) + "." + std::to_string(type->getTypeID()) + "." +
                     std::to_string(type->isIntegerTy() ? type->getIntegerBitWidth() : 0);
  llvm::FunctionCallee callee = before.getModule()->getOrInsertFunction(name, type);
  llvm::IRBuilder<> build(&before);
  return build.CreateCall(callee);
}

} // namespace

namespace {

void freeze(llvm::Instruction& user, llvm::Use& operand) {
  llvm::Instruction* before = &user;
  if (auto* phi = dyn_cast<llvm::PHINode>(&user))
    before = phi->getIncomingBlock(operand)->getTerminator();
  operand.set(llvm::IRBuilder<>(before).CreateFreeze(operand));
}

/// The simplifier takes x >> 32 * y for x, and x / bool for x, since anything else were undefined: hidden from it.
void hide(llvm::BinaryOperator& op) {
  llvm::IRBuilder<> build(&op);
  llvm::Value* right = op.getOperand(1);
  op.setOperand(1, build.CreateIntrinsic(llvm::Intrinsic::expect, {right->getType()},
                                         {right, llvm::ConstantInt::get(right->getType(), 0)}));
}

void refuse(llvm::Instruction& one) {
  if (auto* op = dyn_cast<llvm::BinaryOperator>(&one); op && isUndefined(*op))
    op->setOperand(1, unknown(*op, op->getType(), "undefined arithmetic"));
  else if (op && !isa<llvm::Constant>(op->getOperand(1)) && (op->isShift() || op->isIntDivRem()))
    hide(*op);
  const llvm::Value* address = addressOf(one);
  if (address && isa<llvm::ConstantPointerNull, llvm::UndefValue>(address))
    unknown(one, llvm::Type::getVoidTy(one.getContext()), "undefined address");
  if (mayHoldPoison(one))
    return;
  for (llvm::Use& operand : one.operands()) {
    if (!isa<llvm::UndefValue>(operand) || !operand->getType()->isSingleValueType())
      continue;
    if (isa<llvm::PoisonValue>(operand) && !isa<llvm::PHINode>(one))
      operand.set(unknown(one, operand->getType(), "undefined value"));
    else
      freeze(one, operand);
  }
}

} // namespace

namespace {

constexpr std::uint64_t kMaxBytes = 4096; ///< larger variables stay in memory, of which nothing is known

void storeUnknown(llvm::Instruction& before, llvm::AllocaInst& variable, const std::vector<frontend::Leaf>& leaves) {
  llvm::IRBuilder<> build(&before);
  frontend::storeFirstValues(variable, leaves, build,
                             [&](llvm::Type* type) { return build.CreateFreeze(llvm::UndefValue::get(type)); });
}

llvm::Value* hiddenPlace(llvm::IRBuilder<>& build, llvm::Value* pointer) {
  llvm::Value* zero = build.getInt64(0);
  llvm::Value* hidden = build.CreateIntrinsic(llvm::Intrinsic::expect, {zero->getType()}, {zero, zero});
  return build.CreateGEP(build.getInt8Ty(), pointer, hidden);
}

void initialise(llvm::AllocaInst& variable) {
  auto size = variable.getAllocationSize(variable.getDataLayout());
  if (!size || size->isScalable() || size->isZero() || frontend::holdsParameter(variable))
    return;
  if (size->getFixedValue() > kMaxBytes) {
    llvm::IRBuilder<> build(frontend::afterAllocas(*variable.getFunction()));
    build.CreateLoad(build.getInt8Ty(), hiddenPlace(build, &variable), /*isVolatile=*/true);
    return;
  }
  std::vector<frontend::Leaf> leaves = frontend::leavesOf(variable);
  storeUnknown(*frontend::afterAllocas(*variable.getFunction()), variable, leaves);
  // Round a loop, it does not have what the last iteration left.
  for (llvm::Instruction* start : frontend::lifetimeStarts(variable))
    storeUnknown(*start->getNextNode(), variable, leaves);
}

} // namespace

// Before they become registers, where a value on one way is taken for the value on every way.
void initialiseVariables(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::AllocaInst* variable : frontend::localsOf(function))
      if (!variable->isArrayAllocation())
        initialise(*variable);
}

namespace {

/// Bytes that an instruction touches through this pointer; 0: not known, or none.
std::uint64_t bytesThrough(const llvm::Instruction& at, const llvm::Use& pointer, const llvm::DataLayout& layout) {
  unsigned operand = pointer.getOperandNo();
  auto sizeOf = [&](llvm::Type* type) { return layout.getTypeStoreSize(type).getFixedValue(); };
  if (const auto* load = dyn_cast<llvm::LoadInst>(&at))
    return sizeOf(load->getType());
  if (const auto* store = dyn_cast<llvm::StoreInst>(&at))
    return operand == store->getPointerOperandIndex() ? sizeOf(store->getValueOperand()->getType()) : 0;
  if (const auto* atomic = dyn_cast<llvm::AtomicRMWInst>(&at))
    return operand == atomic->getPointerOperandIndex() ? sizeOf(atomic->getType()) : 0;
  if (const auto* exchange = dyn_cast<llvm::AtomicCmpXchgInst>(&at))
    return operand == exchange->getPointerOperandIndex() ? sizeOf(exchange->getNewValOperand()->getType()) : 0;
  if (isa<llvm::PHINode, llvm::SelectInst>(at))
    return 1; // promotion takes another operand for it
  const auto* block = dyn_cast<llvm::MemIntrinsic>(&at);
  const auto* length = block ? dyn_cast<llvm::ConstantInt>(block->getLength()) : nullptr;
  return length && pointer->getType()->isPointerTy() ? length->getZExtValue() : 0;
}

/// Does it lie outside of the variable that the pointer is into, wherever that is?
bool isOutside(const llvm::Use& pointer, std::uint64_t bytes, const llvm::DataLayout& layout) {
  if (bytes == 0 || !pointer->getType()->isPointerTy())
    return false;
  llvm::APInt offset(layout.getIndexTypeSizeInBits(pointer->getType()), 0);
  const auto* variable =
      dyn_cast<llvm::AllocaInst>(pointer->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true));
  auto size = variable ? variable->getAllocationSize(layout) : std::nullopt;
  if (!size || offset.getBitWidth() > 64)
    return false;
  return offset.isNegative() || offset.getZExtValue() + bytes > size->getFixedValue();
}

} // namespace

// Variables become registers without what is read or written outside of them, as if that did not happen: those
// addresses are hidden, and the variable stays in memory.
void keepOutside(llvm::Function& kernel) {
  const llvm::DataLayout& layout = kernel.getParent()->getDataLayout();
  std::vector<llvm::Use*> outside;
  for (llvm::Instruction& instruction : llvm::instructions(kernel))
    for (llvm::Use& operand : instruction.operands())
      if (isOutside(operand, bytesThrough(instruction, operand, layout), layout))
        outside.push_back(&operand);
  for (llvm::Use* pointer : outside) {
    auto* user = llvm::cast<llvm::Instruction>(pointer->getUser());
    if (auto* phi = dyn_cast<llvm::PHINode>(user))
      user = phi->getIncomingBlock(*pointer)->getTerminator();
    llvm::IRBuilder<> build(user);
    pointer->set(hiddenPlace(build, *pointer));
  }
}

void refuseUndefined(llvm::Function& kernel) {
  std::vector<llvm::Instruction*> all;
  for (llvm::Instruction& instruction : llvm::instructions(kernel))
    all.push_back(&instruction);
  for (llvm::Instruction* one : all)
    refuse(*one);
}

} // namespace kverify::verifier
