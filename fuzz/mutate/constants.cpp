// Numbers in the source, and first values.
#include <cmath>

#include <fmt/format.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>

#include "fuzz/mutate/sites.h"

namespace kverify::mutate {
namespace {

/// One that is like it, and not the same; null for what is no number. `text`: both, in words.
llvm::Constant* changed(llvm::Value* value, std::string& text) {
  if (auto* integer = llvm::dyn_cast<llvm::ConstantInt>(value)) {
    if (integer->getBitWidth() == 1 || integer->getBitWidth() > 64)
      return nullptr;
    text = fmt::format("{} became {}", integer->getSExtValue(), integer->getSExtValue() + 1);
    return llvm::ConstantInt::get(integer->getContext(), integer->getValue() + 1);
  }
  auto* real = llvm::dyn_cast<llvm::ConstantFP>(value);
  if (!real || real->isNaN())
    return nullptr;
  llvm::APFloat wide = real->getValueAPF();
  bool lost = false;
  wide.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  double now = wide.convertToDouble(), next = std::isinf(now) ? 0 : now == 0 ? 1 : now * (1 + 1.0 / 64);
  text = fmt::format("{:g} became {:g}", now, next);
  return llvm::ConstantFP::get(real->getType(), next);
}

bool isUserVariable(const llvm::Value& pointer) {
  const auto* variable = llvm::dyn_cast<llvm::AllocaInst>(&pointer);
  llvm::StringRef name = pointer.getName();
  return variable && !name.starts_with("ref.tmp") && !name.starts_with("agg.tmp") && !name.starts_with("retval") &&
         !name.starts_with("cleanup");
}

/// Its first value: of all stores to the variable, this comes first in its block, and no other is in an earlier one.
bool isFirst(const llvm::StoreInst& store) {
  for (const llvm::User* user : store.getPointerOperand()->users()) {
    const auto* other = llvm::dyn_cast<llvm::StoreInst>(user);
    if (other && other != &store && other->getParent() == store.getParent() && other->comesBefore(&store))
      return false;
  }
  return true;
}

void removeInit(llvm::Instruction& at, Sites& sites, std::function<void()> obscure) {
  sites.add(Operator::InitRemoved, at, "the first value is not written", [&at] { at.eraseFromParent(); }).obscure =
      std::move(obscure);
}

/// A value that nobody knows, and that costs nothing where it is not used.
llvm::Value* unknownValue(llvm::Instruction& before, llvm::Type* type) {
  llvm::Module& module = *before.getModule();
  auto* kind = llvm::FunctionType::get(type, false);
  auto* anything = llvm::Function::Create(kind, llvm::GlobalValue::ExternalLinkage, "kverify.anything", module);
  anything->setDoesNotThrow();
  anything->setDoesNotAccessMemory();
  anything->setWillReturn();
  auto* call = llvm::CallInst::Create(kind, anything, "", before.getIterator());
  return call;
}

void inits(llvm::Instruction& at, Sites& sites) {
  if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&at)) {
    bool is_number = llvm::isa<llvm::ConstantInt, llvm::ConstantFP>(store->getValueOperand());
    bool is_element = llvm::isa<llvm::GetElementPtrInst>(store->getPointerOperand());
    if (is_number && (is_element || (isUserVariable(*store->getPointerOperand()) && isFirst(*store))))
      removeInit(at, sites, [store] { store->setOperand(0, unknownValue(*store, store->getValueOperand()->getType())); });
  }
  auto* fill = llvm::dyn_cast<llvm::MemSetInst>(&at);
  if (fill && llvm::isa<llvm::ConstantInt>(fill->getValue()))
    removeInit(at, sites, [fill] { fill->setValue(unknownValue(*fill, fill->getValue()->getType())); });
}

bool takesConstants(const llvm::Instruction& at) {
  return at.isBinaryOp() || llvm::isa<llvm::CmpInst, llvm::StoreInst, llvm::PHINode, llvm::SelectInst>(at);
}

void setConstant(llvm::Instruction& at, unsigned operand, llvm::Constant* other) {
  at.setOperand(operand, other);
  if (!llvm::isa<llvm::PHINode, llvm::SelectInst>(at))
    at.dropPoisonGeneratingFlags();
}

/// One more is less: what a solver makes of that is not what the machine does.
bool wraps(const llvm::Value& now) {
  const auto* integer = llvm::dyn_cast<llvm::ConstantInt>(&now);
  return integer && (integer->isMaxValue(true) || integer->isMaxValue(false));
}

void change(llvm::Instruction& at, const llvm::Use& use, llvm::Constant* other, const std::string& text, Sites& sites) {
  const unsigned operand = use.getOperandNo();
  Edit& edit =
      sites.add(Operator::ConstantChanged, at, text, [&at, operand, other] { setConstant(at, operand, other); });
  if (auto* phi = llvm::dyn_cast<llvm::PHINode>(&at))
    edit.executes = phi->getIncomingBlock(use)->getTerminator();
  else if (!llvm::isa<llvm::StoreInst>(at) && !wraps(*use.get()))
    edit.beside = [&at, operand, other] {
      return twinOf(at, [operand, other](llvm::Instruction& twin) { setConstant(twin, operand, other); });
    };
}

} // namespace

void constants(llvm::Instruction& at, Sites& sites) {
  inits(at, sites);
  if (!takesConstants(at) || at.getOpcode() == llvm::Instruction::FNeg)
    return;
  for (llvm::Use& use : at.operands()) {
    std::string text;
    if (llvm::Constant* other = changed(use.get(), text))
      change(at, use, other, text, sites);
  }
}

} // namespace kverify::mutate
