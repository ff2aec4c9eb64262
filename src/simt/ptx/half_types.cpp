// Half and bfloat in IR, as x86-64-v3 can run them without calls that libgcc lacks and without rounding twice.
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

#include "simt/ptx/emitter.h"
#include "simt/ptx/lower.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Instruction;
using llvm::Value;

/// Rewrites one instruction, lane by lane where it is a vector.
class HalfLowering {
public:
  explicit HalfLowering(Instruction* instruction) : i_(instruction), builder_(instruction), rt_(builder_) {}

  /// The replacement, or nullptr where the instruction is fine as it is.
  Value* run() {
    if (!wanted())
      return nullptr;
    auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(i_->getType());
    if (!vector) {
      std::vector<Value*> in(i_->value_op_begin(), i_->value_op_end());
      return lane(in, i_->getType());
    }
    Value* out = llvm::PoisonValue::get(vector);
    for (unsigned n = 0; n < vector->getNumElements(); ++n) {
      std::vector<Value*> in;
      for (Value* operand : i_->operand_values()) {
        in.push_back(operand->getType()->isVectorTy() ? builder_.CreateExtractElement(operand, n) : operand);
      }
      out = builder_.CreateInsertElement(out, lane(in, vector->getElementType()), n);
    }
    return out;
  }

private:
  bool wanted() const {
    llvm::Type* to = i_->getType()->getScalarType();
    const unsigned op = i_->getOpcode();
    if (op == Instruction::FPToSI || op == Instruction::FPToUI)
      return true;
    // bfloat by integers: the optimiser narrows trunc.f32(fpext bfloat) to trunc.bf16, and the code generator then
    // wants libgcc. half because x86 keeps a NaN's payload where the GPU has one NaN.
    if (op == Instruction::FPExt)
      return isSmall(i_->getOperand(0)->getType());
    if (changesSign())
      return to->isBFloatTy() || to->isHalfTy();
    if (to->isBFloatTy()) {
      if (op == Instruction::BitCast)
        return false;
      if (i_->isBinaryOp() || i_->isCast())
        return true;
      const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(i_);
      return call && isArithmetic(call->getIntrinsicID());
    }
    if (!to->isHalfTy())
      return false;
    if (op == Instruction::FPTrunc || op == Instruction::SIToFP || op == Instruction::UIToFP || i_->isBinaryOp())
      return true;
    const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(i_);
    return call && isArithmetic(call->getIntrinsicID());
  }

  /// Bit operations that the code generator would do by way of float: a call that libgcc lacks, and other NaNs than
  /// neg.f16 and abs.f16 give.
  bool changesSign() const {
    const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(i_);
    return i_->getOpcode() == Instruction::FNeg || (call && call->getIntrinsicID() == llvm::Intrinsic::fabs);
  }

  static bool isArithmetic(llvm::Intrinsic::ID id) {
    using namespace llvm::Intrinsic;
    switch (id) {
    case fma:
    case fmuladd:
    case minnum:
    case maxnum:
    case minimum:
    case maximum:
    case sqrt:
    case floor:
    case ceil:
    case trunc:
    case rint:
    case nearbyint:
    case roundeven:
    case round:
    case exp2:
    case exp:
    case log2:
    case log:
    case sin:
    case cos: return true;
    default: return false;
    }
  }

  static bool isSmall(const llvm::Type* type) {
    return type->getScalarType()->isBFloatTy() || type->getScalarType()->isHalfTy();
  }

  bool isBrain(llvm::Type* type) const { return type->isBFloatTy(); }

  Value* bits(Value* half) {
    return builder_.CreateZExt(builder_.CreateBitCast(half, builder_.getInt16Ty()), builder_.getInt32Ty());
  }

  Value* fromBits(Value* word, llvm::Type* type) {
    return builder_.CreateBitCast(builder_.CreateTrunc(word, builder_.getInt16Ty()), type);
  }

  Value* widen(Value* value) {
    if (value->getType()->isBFloatTy()) {
      return builder_.CreateBitCast(builder_.CreateShl(bits(value), 16), builder_.getFloatTy());
    }
    if (!value->getType()->isHalfTy())
      return value;
    Value* wide = builder_.CreateFPExt(value, builder_.getFloatTy());
    Value* nan = builder_.CreateBitCast(builder_.getInt32(0x7fffffff), builder_.getFloatTy());
    return builder_.CreateSelect(builder_.CreateFCmpUNO(wide, wide), nan, wide);
  }

  Value* narrow(Value* value, llvm::Type* type) {
    if (value->getType() == type)
      return value;
    if (type->isHalfTy() && value->getType()->isFloatTy()) {
      Value* half = builder_.CreateFPTrunc(value, type);
      return builder_.CreateSelect(builder_.CreateFCmpUNO(value, value), fromBits(builder_.getInt32(0x7fff), type),
                                   half);
    }
    const std::string name =
        std::string("kv_cvt_") + (isBrain(type) ? "bf16" : "f16") + (value->getType()->isDoubleTy() ? "_f64" : "_f32");
    return fromBits(rt_.call(name, builder_.getInt32Ty(), {value, rt_.flags(0)}), type);
  }

  Value* lane(const std::vector<Value*>& in, llvm::Type* to) {
    if (changesSign()) {
      Value* word = bits(in[0]);
      Value* magnitude = builder_.CreateAnd(word, 0x7fff);
      Value* out = i_->getOpcode() == Instruction::FNeg ? builder_.CreateXor(word, 0x8000) : magnitude;
      Value* nan = builder_.CreateICmpUGT(magnitude, builder_.getInt32(isBrain(to) ? 0x7f80 : 0x7c00));
      return fromBits(builder_.CreateSelect(nan, builder_.getInt32(0x7fff), out), to);
    }
    if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(i_))
      return intrinsic(call->getIntrinsicID(), in, to);
    switch (i_->getOpcode()) {
    case Instruction::FPToSI:
    case Instruction::FPToUI: return toInteger(in[0], to);
    case Instruction::SIToFP:
    case Instruction::UIToFP: return fromInteger(in[0], to);
    case Instruction::FPTrunc: return narrow(in[0], to);
    case Instruction::FPExt: {
      Value* wide = widen(in[0]);
      return to->isDoubleTy() ? builder_.CreateFPExt(wide, to) : wide;
    }
    default: break;
    }
    auto* op = llvm::cast<llvm::BinaryOperator>(i_);
    return narrow(builder_.CreateBinOp(op->getOpcode(), widen(in[0]), widen(in[1])), to);
  }

  /// The GPU clamps where LLVM leaves the result undefined.
  Value* toInteger(Value* x, llvm::Type* to) {
    x = widen(x);
    const auto id = i_->getOpcode() == Instruction::FPToSI ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
    Value* clamped = builder_.CreateIntrinsic(id, {to, x->getType()}, {x});
    // As measured: a NaN gives the top bit alone from double or to 64 bits, else 0.
    const unsigned bits = to->getIntegerBitWidth();
    if (bits != 64 && !(x->getType()->isDoubleTy() && bits == 32))
      return clamped;
    Value* top = llvm::ConstantInt::get(to, llvm::APInt::getSignMask(bits));
    return builder_.CreateSelect(builder_.CreateFCmpUNO(x, x), top, clamped);
  }

  Value* fromInteger(Value* x, llvm::Type* to) {
    const bool is_signed = i_->getOpcode() == Instruction::SIToFP;
    x = is_signed ? builder_.CreateSExtOrTrunc(x, builder_.getInt64Ty())
                  : builder_.CreateZExtOrTrunc(x, builder_.getInt64Ty());
    const std::string name = std::string("kv_cvt_") + (isBrain(to) ? "bf16" : "f16") + (is_signed ? "_s64" : "_u64");
    return fromBits(rt_.call(name, builder_.getInt32Ty(), {x, rt_.flags(0)}), to);
  }

  Value* intrinsic(llvm::Intrinsic::ID id, const std::vector<Value*>& in, llvm::Type* to) {
    const std::string type = isBrain(to) ? "bf16" : "f16";
    const auto helper = [&](const char* op, unsigned count, std::uint32_t flags) {
      std::vector<Value*> args;
      for (unsigned n = 0; n < count; ++n)
        args.push_back(bits(in[n]));
      args.push_back(rt_.flags(flags));
      return fromBits(rt_.call(std::string("kv_") + op + "_" + type, builder_.getInt32Ty(), args), to);
    };
    switch (id) {
    case llvm::Intrinsic::fma:
    case llvm::Intrinsic::fmuladd: return helper("fma", 3, 0);
    case llvm::Intrinsic::minnum: return helper("min", 2, 0);
    case llvm::Intrinsic::maxnum: return helper("max", 2, 0);
    case llvm::Intrinsic::minimum: return helper("min", 2, math::kNanWins);
    case llvm::Intrinsic::maximum: return helper("max", 2, math::kNanWins);
    default: return narrow(builder_.CreateUnaryIntrinsic(id, widen(in[0])), to);
    }
  }

  Instruction* i_;
  llvm::IRBuilder<> builder_;
  Runtime rt_;
};

} // namespace

void lowerHalfTypes(llvm::Module& module) {
  std::vector<Instruction*> all;
  for (llvm::Function& function : module) {
    for (Instruction& instruction : llvm::instructions(function))
      all.push_back(&instruction);
  }
  for (Instruction* instruction : all) {
    if (Value* value = HalfLowering(instruction).run()) {
      instruction->replaceAllUsesWith(value);
      instruction->eraseFromParent();
    }
  }
}

} // namespace kverify::simt::ptx
