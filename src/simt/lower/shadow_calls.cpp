// Functions that the executor's mathematics provides, by name, as operations of a domain.
#include <llvm/ADT/StringMap.h>
#include <llvm/IR/Constants.h>

#include "simt/lower/shadow_function.h"
#include "simt/math/flags.h"

namespace kverify::simt::lower {

using llvm::Value;

namespace {

using shadow::Op;

/// libdevice's name without __nv_ and without the f of single precision.
std::optional<Op> deviceFunction(llvm::StringRef name) {
  static const llvm::StringMap<Op> kTable = {
      {"exp", shadow::kExp},          {"fast_exp", shadow::kExp},     {"exp2", shadow::kExp2},
      {"exp10", shadow::kExp10},      {"fast_exp10", shadow::kExp10}, {"expm1", shadow::kExpm1},
      {"log", shadow::kLog},          {"fast_log", shadow::kLog},     {"log2", shadow::kLog2},
      {"fast_log2", shadow::kLog2},   {"log10", shadow::kLog10},      {"fast_log10", shadow::kLog10},
      {"sqrt", shadow::kSqrt},        {"rsqrt", shadow::kRsqrt},      {"frsqrt_rn", shadow::kRsqrt},
      {"tanh", shadow::kTanh},        {"fast_tanh", shadow::kTanh},   {"fabs", shadow::kAbs},
      {"log1p", shadow::kLog1p},      {"pow", shadow::kPow},          {"fast_pow", shadow::kPow},
      {"erf", shadow::kErf},          {"erfc", shadow::kErfc},        {"normcdf", shadow::kNormCdf},
      {"fmin", shadow::kMin},         {"fmax", shadow::kMax},         {"fma", shadow::kFma},
      {"fast_fdivide", shadow::kDiv}, {"saturate", shadow::kClamp},   {"copysign", shadow::kCopySign},
      {"fadd", shadow::kAdd},         {"fsub", shadow::kSub},         {"fmul", shadow::kMul},
      {"fdiv", shadow::kDiv},         {"frcp", shadow::kRcp},         {"fsqrt", shadow::kSqrt},
      {"dadd", shadow::kAdd},         {"dsub", shadow::kSub},         {"dmul", shadow::kMul},
      {"ddiv", shadow::kDiv},         {"drcp", shadow::kRcp},         {"dsqrt", shadow::kSqrt}};
  for (const char* rounding : {"_rn", "_rz", "_rd", "_ru"})
    if (name.ends_with(rounding) && name != "frsqrt_rn") {
      name = name.drop_back(3);
      name.consume_back("_ieee");
      break;
    }
  auto found = kTable.find(name);
  if (found == kTable.end() && name.ends_with("f"))
    found = kTable.find(name.drop_back());
  return found == kTable.end() ? std::nullopt : std::optional(found->second);
}

/// The <op> of the executor's kv_<op>_<type>.
std::optional<Op> instruction(llvm::StringRef op) {
  static const llvm::StringMap<Op> kTable = {
      {"add", shadow::kAdd},  {"sub", shadow::kSub},  {"mul", shadow::kMul},   {"div", shadow::kDiv},
      {"min", shadow::kMin},  {"max", shadow::kMax},  {"fma", shadow::kFma},   {"neg", shadow::kNeg},
      {"abs", shadow::kAbs},  {"rcp", shadow::kRcp},  {"sqrt", shadow::kSqrt}, {"rsqrt", shadow::kRsqrt},
      {"ex2", shadow::kExp2}, {"lg2", shadow::kLog2}, {"tanh", shadow::kTanh}, {"flush", shadow::kRound}};
  auto found = kTable.find(op);
  return found == kTable.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Op> intrinsic(llvm::Intrinsic::ID id) {
  switch (id) {
  case llvm::Intrinsic::fma:
  case llvm::Intrinsic::fmuladd: return shadow::kFma;
  case llvm::Intrinsic::fabs: return shadow::kAbs;
  case llvm::Intrinsic::minnum:
  case llvm::Intrinsic::minimum: return shadow::kMin;
  case llvm::Intrinsic::maxnum:
  case llvm::Intrinsic::maximum: return shadow::kMax;
  case llvm::Intrinsic::copysign: return shadow::kCopySign;
  case llvm::Intrinsic::sqrt: return shadow::kSqrt;
  case llvm::Intrinsic::exp: return shadow::kExp;
  case llvm::Intrinsic::exp2: return shadow::kExp2;
  case llvm::Intrinsic::exp10: return shadow::kExp10;
  case llvm::Intrinsic::log: return shadow::kLog;
  case llvm::Intrinsic::log2: return shadow::kLog2;
  case llvm::Intrinsic::log10: return shadow::kLog10;
  case llvm::Intrinsic::tanh: return shadow::kTanh;
  case llvm::Intrinsic::canonicalize: return shadow::kRound;
  default: return std::nullopt;
  }
}

/// Saturation, relu and |a b|'s sign change the result after the operation.
bool isPlain(const llvm::CallInst& call) {
  if (call.arg_empty())
    return true;
  auto* flags = llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(call.arg_size() - 1));
  return !flags || (flags->getZExtValue() & (math::kSaturate | math::kRelu | math::kXorSign)) == 0;
}

std::uint32_t halfFormat(llvm::StringRef name) {
  return name.contains("bf16")   ? shadow::kBf16
         : name.contains("f16")  ? shadow::kF16
         : name.contains("tf32") ? shadow::kF32
         : name.contains("e4m3") ? shadow::kE4m3
                                 : shadow::kE5m2;
}

/// kv_cvt_<to>_<from>, where the destination travels as an integer.
bool convertsToBits(llvm::StringRef name) {
  return name.starts_with("kv_cvt_f16_") || name.starts_with("kv_cvt_bf16_") || name.starts_with("kv_cvt_tf32_") ||
         name.starts_with("kv_cvt_e4m3_") || name.starts_with("kv_cvt_e5m2_");
}

unsigned bitsIn(std::uint32_t format) {
  return 8 * shadow::bytesOf(format);
}

} // namespace

std::optional<std::uint32_t> operationOf(const llvm::Instruction& instruction) {
  switch (instruction.getOpcode()) {
  case llvm::Instruction::FAdd: return shadow::kAdd;
  case llvm::Instruction::FSub: return shadow::kSub;
  case llvm::Instruction::FMul: return shadow::kMul;
  case llvm::Instruction::FDiv: return shadow::kDiv;
  case llvm::Instruction::FNeg: return shadow::kNeg;
  case llvm::Instruction::FPTrunc: return shadow::kRound;
  default: break;
  }
  auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  if (!call || !call->getCalledFunction())
    return std::nullopt;
  if (auto* each = llvm::dyn_cast<llvm::IntrinsicInst>(call))
    return intrinsic(each->getIntrinsicID());
  llvm::StringRef name = call->getCalledFunction()->getName();
  if (name.consume_front("__nv_"))
    return deviceFunction(name);
  if (name.consume_front("kv_") && !name.starts_with("cvt_") && isPlain(*call))
    return ::kverify::simt::lower::instruction(name.rsplit('_').first);
  return std::nullopt;
}

bool ShadowFunction::givesHalfBits(llvm::StringRef name) {
  return name.starts_with("kv_") && (convertsToBits(name) || ((name.ends_with("_f16") || name.ends_with("_bf16")) &&
                                                              !name.starts_with("kv_cvt_")));
}

/// A call that gives a float.
Lanes ShadowFunction::callLanes(llvm::CallInst& made) {
  llvm::StringRef name = made.getCalledFunction() ? made.getCalledFunction()->getName() : llvm::StringRef();
  if (llvm::isa<llvm::IntrinsicInst>(made))
    return binaryLanes(made, operationOf(made).value_or(shadow::kOther));
  if (name.consume_front("__nv_")) {
    if (name.contains("_ll2") || name.contains("_ull2") || name.starts_with("int2") || name.starts_with("uint2"))
      return fromInteger(made);
    return binaryLanes(made, operationOf(made).value_or(shadow::kOther));
  }
  if (!name.consume_front("kv_"))
    return unstamped(made);
  if (name.starts_with("half_to_float") || name.starts_with("bfloat_to_float") || name.starts_with("e4m3_to_float") ||
      name.starts_with("e5m2_to_float")) {
    ShadowAfter b(made);
    std::uint32_t format = name.starts_with("half")     ? shadow::kF16
                           : name.starts_with("bfloat") ? shadow::kBf16
                           : name.starts_with("e4m3")   ? shadow::kE4m3
                                                        : shadow::kE5m2;
    Value* bits = b.CreateTrunc(made.getArgOperand(0), b.getIntNTy(bitsIn(format)));
    std::uint32_t site = sites_.add(made, "bits read as a float");
    Lane lane = asFloat(b, lanesOf(made.getArgOperand(0)), 0, bits, format, asDouble(b, &made), site);
    return spread({lane}, made.getType());
  }
  if (name.starts_with("cvt_")) {
    if (name.ends_with("64") && (name.contains("_s64") || name.contains("_u64")))
      return fromInteger(made);
    return binaryLanes(made, isPlain(made) ? shadow::kRound : shadow::kOther);
  }
  return binaryLanes(made, operationOf(made).value_or(shadow::kOther));
}

/// A call that gives the bits of a 16-bit (or 8-bit, or tf32) float as an integer.
Lanes ShadowFunction::halfCall(llvm::CallInst& made, llvm::StringRef name) {
  Lanes out(std::max(1u, lanesIn(made.getType())));
  ShadowAfter b(made);
  std::uint32_t site = sites_.add(made, name.str());
  bool converts = convertsToBits(name);
  llvm::StringRef stem = name.drop_front(3);
  std::uint32_t format = halfFormat(converts ? stem.drop_front(4).split('_').first : stem.rsplit('_').second);
  if (8u << granule_log2_ > bitsIn(format))
    return out;
  auto widen = [&](Value* bits) -> Value* { // to a double
    switch (format) {
    case shadow::kBf16:
      return asDouble(b, b.CreateBitCast(b.CreateShl(b.CreateZExtOrTrunc(bits, b.getInt32Ty()), 16), b.getFloatTy()));
    case shadow::kF32: return asDouble(b, b.CreateBitCast(b.CreateZExtOrTrunc(bits, b.getInt32Ty()), b.getFloatTy()));
    case shadow::kF16:
      return asDouble(
          b, call(b, "kv_half_to_float", b.getFloatTy(), {b.CreateZExtOrTrunc(bits, b.getInt32Ty()), b.getInt32(0)}));
    default:
      return asDouble(b, call(b, format == shadow::kE4m3 ? "kv_e4m3_to_float" : "kv_e5m2_to_float", b.getFloatTy(),
                              {b.CreateZExtOrTrunc(bits, b.getInt32Ty())}));
    }
  };
  Value* bits = b.CreateTrunc(&made, b.getIntNTy(bitsIn(format)));
  Value* result = widen(bits);
  llvm::SmallVector<Operand, 3> operands;
  for (unsigned i = 0; i + 1 < made.arg_size() && i < 3; ++i) {
    Value* argument = made.getArgOperand(i);
    if (formatOf(argument->getType()) != shadow::kNoFormat) {
      operands.push_back(operand(b, argument, 0));
    } else if (converts) { // from an integer
      out[0] = from(b, result, true, site);
      out[0].stamp = stampOfBits(b, bits, format);
      return out;
    } else {
      Value* part = b.CreateTrunc(argument, b.getIntNTy(bitsIn(format)));
      Value* concrete = widen(part);
      operands.push_back({asFloat(b, lanesOf(argument), 0, part, format, concrete, site), concrete});
    }
  }
  std::optional<Op> op = converts ? std::optional<Op>(shadow::kRound) : instruction(stem.rsplit('_').first);
  out[0] = apply(b, isPlain(made) ? op.value_or(shadow::kOther) : shadow::kOther, operands, result, site);
  out[0].stamp = stampOfBits(b, bits, format);
  return out;
}

/// A float becomes an integer: nobody follows it there.
void ShadowFunction::leave(llvm::Instruction& conversion, Value* from) {
  if (domain_ == ShadowDomain::DoubleDouble || formatOf(from->getType()) == shadow::kNoFormat)
    return;
  ShadowAfter b(conversion);
  Operand value = operand(b, from, 0);
  std::uint32_t site = sites_.add(conversion, "conversion to an integer");
  apply(b, shadow::kOther + 2, {value}, value.concrete, site);
}

void ShadowFunction::compare(llvm::FCmpInst& compare) {
  llvm::Type* type = compare.getOperand(0)->getType();
  bool self = compare.getOperand(0) == compare.getOperand(1) || compare.getPredicate() == llvm::CmpInst::FCMP_ORD ||
              compare.getPredicate() == llvm::CmpInst::FCMP_UNO;
  if (domain_ == ShadowDomain::DoubleDouble || self || formatOf(type) == shadow::kNoFormat || compare.use_empty())
    return;
  ShadowAfter b(compare);
  Operand left = operand(b, compare.getOperand(0), 0), right = operand(b, compare.getOperand(1), 0);
  std::uint32_t site = sites_.add(compare, "comparison");
  call(b, "kv_sh_compare", b.getVoidTy(),
       {state_, left.lane.part[0], left.lane.part[1], right.lane.part[0], right.lane.part[1], left.concrete,
        right.concrete, b.getInt32(site)});
}

} // namespace kverify::simt::lower
