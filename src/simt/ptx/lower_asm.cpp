// One asm call: its constraints become registers, its statements IR, its outputs the call's value.
#include <algorithm>
#include <set>

#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicsNVPTX.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "simt/ptx/emitter.h"
#include "simt/ptx/lower.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;

const HandlerTable& handlers() {
  static const HandlerTable table = [] {
    HandlerTable out;
    addIntegerOps(out);
    addFloatOps(out);
    addCompareOps(out);
    addConvertOps(out);
    addMemoryOps(out);
    addAtomicOps(out);
    addWarpOps(out);
    addMatrixOps(out);
    return out;
  }();
  return table;
}

/// Width of the register that a constraint names; 0 when the width follows the operand ("n", "C", …).
unsigned constraintWidth(const std::string& code) {
  if (code == "b")
    return 1;
  if (code == "c" || code == "h")
    return 16;
  if (code == "r" || code == "f")
    return 32;
  if (code == "l" || code == "d" || code == "N")
    return 64;
  if (code == "q")
    return 128;
  return 0;
}

class AsmCall {
public:
  AsmCall(llvm::CallInst* call, std::vector<std::string>& unsupported)
      : call_(call), asm_(llvm::cast<llvm::InlineAsm>(call->getCalledOperand())), builder_(call), e_(builder_),
        unsupported_(unsupported) {}

  void lower() {
    const Listing listing = parse(asm_->getAsmString());
    const bool bound = listing.error.empty() && bindOperands();
    if (!bound) {
      refuse(listing.error.empty() ? asm_->getAsmString() : asm_->getAsmString() + " (" + listing.error + ")");
    } else {
      for (const Register& reg : listing.registers)
        declare(reg);
      emit(listing);
    }
    if (!call_->getType()->isVoidTy())
      call_->replaceAllUsesWith(bound ? collectOutputs() : llvm::Constant::getNullValue(call_->getType()));
    call_->eraseFromParent();
  }

private:
  void refuse(const std::string& what) {
    e_.rt.unsupported(what);
    if (std::find(unsupported_.begin(), unsupported_.end(), what) == unsupported_.end())
      unsupported_.push_back(what);
  }

  Value* toBits(Value* value) {
    llvm::Type* type = value->getType();
    const auto& layout = call_->getModule()->getDataLayout();
    if (type->isPointerTy())
      return builder_.CreatePtrToInt(value, builder_.getIntNTy(layout.getPointerTypeSizeInBits(type)));
    if (type->isIntegerTy())
      return value;
    return builder_.CreateBitCast(value, builder_.getIntNTy(static_cast<unsigned>(layout.getTypeSizeInBits(type))));
  }

  // Operands are numbered outputs first; a tied input is the first value of its output ("+f").
  bool bindOperands() {
    unsigned number = 0, arg = 0, output = 0;
    for (const auto& info : asm_->ParseConstraints()) {
      if (info.Type == llvm::InlineAsm::isClobber)
        continue;
      if (info.isIndirect || info.Codes.empty())
        return false;
      const std::string name = "$" + std::to_string(number++);
      const unsigned width = constraintWidth(info.Codes[0]);
      if (info.Type == llvm::InlineAsm::isOutput) {
        llvm::Type* type = outputType(output++);
        const auto own = static_cast<unsigned>(call_->getModule()->getDataLayout().getTypeSizeInBits(type));
        e_.define(name, std::max(width, own), nullptr);
        outputs_.push_back(name);
        continue;
      }
      Value* value = toBits(call_->getArgOperand(arg++));
      if (info.hasMatchingInput() || info.Codes[0].find_first_not_of("0123456789") == std::string::npos) {
        e_.writeName("$" + info.Codes[0], value);
        continue;
      }
      if (width > value->getType()->getIntegerBitWidth())
        value = builder_.CreateZExt(value, builder_.getIntNTy(width));
      e_.bind(name, value);
    }
    return true;
  }

  llvm::Type* outputType(unsigned index) const {
    if (auto* all = llvm::dyn_cast<llvm::StructType>(call_->getType()))
      return all->getElementType(index);
    return call_->getType();
  }

  void declare(const Register& reg) {
    const auto type = parseType(reg.type);
    e_.define(reg.name, type ? type->width() : 64, nullptr);
  }

  void emit(const Listing& listing) {
    const auto is_label = [](const Statement& s) { return s.kind == Statement::Kind::Label; };
    const bool flow = std::any_of(listing.statements.begin(), listing.statements.end(),
                                  [&](const Statement& s) { return is_label(s) || !s.guard.empty() || ends(s); });
    if (flow)
      openBlocks();
    for (const Statement& s : listing.statements) {
      if (is_label(s))
        e_.labels[s.words[0]] = newBlock("asm.label");
    }
    for (const Statement& s : listing.statements) {
      if (is_label(s)) {
        llvm::BasicBlock* block = e_.labels[s.words[0]];
        builder_.CreateBr(block);
        builder_.SetInsertPoint(block);
      } else {
        guarded(s);
      }
    }
    if (!flow)
      return;
    builder_.CreateBr(rest_);
    builder_.SetInsertPoint(call_);
  }

  static bool ends(const Statement& s) { return s.words[0] == "bra" || s.words[0] == "exit" || s.words[0] == "ret"; }

  void openBlocks() {
    llvm::BasicBlock* before = call_->getParent();
    rest_ = before->splitBasicBlock(call_, "asm.end");
    before->getTerminator()->eraseFromParent();
    builder_.SetInsertPoint(before);
  }

  llvm::BasicBlock* newBlock(const char* name) {
    return llvm::BasicBlock::Create(builder_.getContext(), name, call_->getFunction(), rest_);
  }

  void guarded(const Statement& s) {
    if (s.guard.empty())
      return instruction(s);
    Value* predicate = e_.readPredicate(s.guard, s.guard_negated);
    if (!predicate)
      return refuse(s.text);
    llvm::BasicBlock* then = newBlock("asm.then");
    llvm::BasicBlock* after = newBlock("asm.after");
    builder_.CreateCondBr(predicate, then, after);
    builder_.SetInsertPoint(then);
    instruction(s);
    builder_.CreateBr(after);
    builder_.SetInsertPoint(after);
  }

  void instruction(const Statement& s) {
    if (s.words[0] == "bra")
      return branch(s);
    if (s.words[0] == "exit") {
      builder_.CreateIntrinsic(llvm::Intrinsic::nvvm_exit, {}, {});
      return;
    }
    const auto it = handlers().find(s.words[0]);
    if (it == handlers().end())
      return refuse(s.text);
    // Emitted first and taken back on success: what a failed handler left behind stays unreachable.
    e_.rt.unsupported(s.text);
    auto* refusal = llvm::cast<llvm::CallInst>(&*std::prev(builder_.GetInsertPoint()));
    Mods mods(s.words);
    if (it->second(e_, s, mods) && mods.allTaken()) {
      auto* text = llvm::cast<llvm::GlobalVariable>(refusal->getArgOperand(0));
      refusal->eraseFromParent();
      if (text->use_empty())
        text->eraseFromParent();
    } else if (std::find(unsupported_.begin(), unsupported_.end(), s.text) == unsupported_.end()) {
      unsupported_.push_back(s.text);
    }
  }

  void branch(const Statement& s) {
    const auto target = s.operands.size() == 1 ? e_.labels.find(s.operands[0].name) : e_.labels.end();
    if (target == e_.labels.end())
      return refuse(s.text);
    builder_.CreateBr(target->second);
    builder_.SetInsertPoint(newBlock("asm.dead"));
  }

  Value* fromBits(Value* value, llvm::Type* type) {
    if (type->isPointerTy())
      return builder_.CreateIntToPtr(value, type);
    const auto width = static_cast<unsigned>(call_->getModule()->getDataLayout().getTypeSizeInBits(type));
    value = builder_.CreateZExtOrTrunc(value, builder_.getIntNTy(width));
    return type->isIntegerTy() ? builder_.CreateZExtOrTrunc(value, type) : builder_.CreateBitCast(value, type);
  }

  Value* collectOutputs() {
    if (outputs_.empty())
      return nullptr;
    Operand op;
    const auto value = [&](unsigned i) {
      op.name = outputs_[i];
      return fromBits(e_.read(op, e_.widthOf(op)), outputType(i));
    };
    if (!call_->getType()->isStructTy())
      return value(0);
    Value* all = llvm::PoisonValue::get(call_->getType());
    for (unsigned i = 0; i < outputs_.size(); ++i)
      all = builder_.CreateInsertValue(all, value(i), i);
    return all;
  }

  llvm::CallInst* call_;
  llvm::InlineAsm* asm_;
  llvm::IRBuilder<> builder_;
  Emitter e_;
  std::vector<std::string>& unsupported_;
  std::vector<std::string> outputs_;
  llvm::BasicBlock* rest_ = nullptr;
};

} // namespace

void lowerInlineAsm(llvm::Module& module, std::vector<std::string>& unsupported) {
  std::vector<llvm::CallInst*> calls;
  for (llvm::Function& function : module) {
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      if (call && call->isInlineAsm())
        calls.push_back(call);
    }
  }
  for (llvm::CallInst* call : calls)
    AsmCall(call, unsupported).lower();
}

} // namespace kverify::simt::ptx
