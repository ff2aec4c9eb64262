// llvm.nvvm.* intrinsics for arithmetic and conversions, by the parts of their names; and libdevice's functions that
// write through pointers, whose stores must be seen by the executor.
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

#include "simt/ptx/intrinsics.h"
#include "simt/ptx/lower.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;

struct Call {
  llvm::CallInst* call;
  Runtime& rt;
  std::vector<std::string> words; ///< of the name, without llvm.nvvm

  bool has(std::string_view word) const { return std::find(words.begin(), words.end(), word) != words.end(); }
  Value* arg(unsigned i) const { return call->getArgOperand(i); }
  llvm::IRBuilder<>& b() const { return rt.b; }
};

std::uint32_t flagsOf(const Call& c) {
  using namespace math;
  static const std::map<std::string, std::uint32_t> kWords = {
      {"rz", kTowardZero}, {"rm", kDown},   {"rp", kUp},       {"rna", kNearestAway}, {"ftz", kFlush},
      {"sat", kSaturate},  {"relu", kRelu}, {"nan", kNanWins}, {"xorsign", kXorSign}, {"satfinite", kSaturateFinite},
      {"approx", kApprox}};
  std::uint32_t flags = 0;
  for (const std::string& word : c.words) {
    if (const auto it = kWords.find(word); it != kWords.end())
      flags |= it->second;
  }
  return flags;
}

std::optional<Type> scalarType(const Call& c) {
  if (c.has("bf16x2"))
    return parseType("bf16x2");
  if (c.has("bf16"))
    return parseType("bf16");
  if (c.has("f16x2"))
    return parseType("f16x2");
  if (c.has("f16"))
    return parseType("f16");
  if (c.has("d"))
    return parseType("f64");
  if (c.has("f"))
    return parseType("f32");
  return std::nullopt;
}

Value* toInteger(Runtime& rt, Value* value) {
  if (value->getType()->isIntegerTy())
    return value;
  return rt.b.CreateBitCast(value, rt.b.getIntNTy(static_cast<unsigned>(value->getType()->getPrimitiveSizeInBits())));
}

/// kv_<op>_<type> over the lanes of the arguments; the result gets the call's type.
Value* scalarOp(const Call& c, const std::string& op, const Type& type, unsigned arity, std::uint32_t flags) {
  auto& b = c.b();
  if (type.kind == Type::Kind::Float) {
    std::vector<Value*> args;
    for (unsigned i = 0; i < arity; ++i)
      args.push_back(c.arg(i));
    args.push_back(c.rt.flags(flags));
    return c.rt.call("kv_" + op + "_" + type.laneName(), c.call->getType(), args);
  }
  Value* whole = b.getIntN(type.width(), 0);
  for (unsigned lane = 0; lane < type.lanes; ++lane) {
    std::vector<Value*> args;
    for (unsigned i = 0; i < arity; ++i) {
      Value* bits = b.CreateTrunc(b.CreateLShr(toInteger(c.rt, c.arg(i)), 16 * lane), b.getInt16Ty());
      args.push_back(b.CreateZExt(bits, b.getInt32Ty()));
    }
    args.push_back(c.rt.flags(flags));
    Value* out = c.rt.call("kv_" + op + "_" + type.laneName(), b.getInt32Ty(), args);
    out = b.CreateZExtOrTrunc(b.CreateTrunc(out, b.getInt16Ty()), whole->getType());
    whole = b.CreateOr(whole, b.CreateShl(out, 16 * lane));
  }
  return b.CreateBitCast(whole, c.call->getType());
}

Value* arithmetic(const Call& c) {
  static const std::map<std::string, std::pair<const char*, unsigned>> kOps = {
      {"add", {"add", 2}},  {"mul", {"mul", 2}},   {"div", {"div", 2}},     {"fma", {"fma", 3}},
      {"rcp", {"rcp", 1}},  {"sqrt", {"sqrt", 1}}, {"rsqrt", {"rsqrt", 1}}, {"ex2", {"ex2", 1}},
      {"lg2", {"lg2", 1}},  {"sin", {"sin", 1}},   {"cos", {"cos", 1}},     {"fmin", {"min", 2}},
      {"fmax", {"max", 2}}, {"fabs", {"abs", 1}},  {"abs", {"abs", 1}},     {"neg", {"neg", 1}}};
  const auto it = kOps.find(c.words[0]);
  const auto type = scalarType(c);
  if (it == kOps.end() || !type || c.call->arg_size() != it->second.second)
    return nullptr;
  return scalarOp(c, it->second.first, *type, it->second.second, flagsOf(c));
}

/// ceil, floor, trunc, round (to even, as clang uses it) and saturate.
Value* wholeNumbers(const Call& c) {
  using namespace math;
  static const std::map<std::string, std::uint32_t> kModes = {
      {"ceil", kUp}, {"floor", kDown}, {"trunc", kTowardZero}, {"round", kNearestEven}};
  const auto type = scalarType(c);
  if (!type || type->kind != Type::Kind::Float)
    return nullptr;
  const std::string name = type->laneName();
  if (c.words[0] == "saturate") {
    return c.rt.call("kv_cvt_" + name + "_" + name, c.call->getType(), {c.arg(0), c.rt.flags(kSaturate | flagsOf(c))});
  }
  const auto it = kModes.find(c.words[0]);
  if (it == kModes.end())
    return nullptr;
  Value* x = c.arg(0);
  if (c.has("ftz"))
    x = c.rt.call("kv_flush_f32", x->getType(), {x});
  return c.rt.call("kv_rint_" + name, c.call->getType(), {x, c.rt.flags(it->second)});
}

struct Side {
  bool floating;
  bool is_signed;
  unsigned bits;
  const char* name;
};

std::optional<Side> sideOf(const std::string& text) {
  static const std::map<std::string, Side> kSides = {
      {"f", {true, true, 32, "f32"}},    {"d", {true, true, 64, "f64"}},     {"h", {true, true, 16, "f16"}},
      {"bf", {true, true, 16, "bf16"}},  {"bf16", {true, true, 16, "bf16"}}, {"tf32", {true, true, 32, "tf32"}},
      {"i", {false, true, 32, "s64"}},   {"ui", {false, false, 32, "u64"}},  {"ll", {false, true, 64, "s64"}},
      {"ull", {false, false, 64, "u64"}}};
  const auto it = kSides.find(text);
  return it == kSides.end() ? std::nullopt : std::optional(it->second);
}

Value* fromHalfBits(const Call& c, Value* bits) {
  auto& b = c.b();
  return b.CreateBitCast(
      b.CreateZExtOrTrunc(bits, b.getIntNTy(static_cast<unsigned>(c.call->getType()->getPrimitiveSizeInBits()))),
      c.call->getType());
}

/// f2i.rn.ftz, ll2d.rz, f2h.rn, f2tf32.rna, bf2h.rn …: <from>2<to>.
Value* conversion(const Call& c) {
  const auto at = c.words[0].find('2');
  if (at == std::string::npos || at == 0 || c.call->arg_size() != 1)
    return nullptr;
  const auto from = sideOf(c.words[0].substr(0, at)), to = sideOf(c.words[0].substr(at + 1));
  if (!from || !to || c.has("hi") || c.has("lo"))
    return nullptr;
  auto& b = c.b();
  const std::uint32_t flags = flagsOf(c);
  Value* x = c.arg(0);
  if (!from->floating) {
    x = from->is_signed ? b.CreateSExt(x, b.getInt64Ty()) : b.CreateZExt(x, b.getInt64Ty());
    return c.rt.call(std::string("kv_cvt_") + to->name + "_" + from->name, c.call->getType(), {x, c.rt.flags(flags)});
  }
  std::string source = from->name;
  if (from->bits == 16) {
    x = b.CreateZExt(toInteger(c.rt, x), b.getInt32Ty());
    const bool half = source == "f16";
    x = half ? c.rt.call("kv_half_to_float", b.getFloatTy(), {x, c.rt.flags(0)})
             : c.rt.call("kv_bfloat_to_float", b.getFloatTy(), {x});
    source = "f32";
  }
  if (!to->floating) {
    if (c.has("ftz"))
      x = c.rt.call("kv_flush_f32", x->getType(), {x});
    const bool wide = source == "f64";
    if (!wide)
      x = b.CreateFPExt(x, b.getDoubleTy());
    Value* out = c.rt.call(
        to->is_signed ? "kv_to_signed" : "kv_to_unsigned", b.getInt64Ty(),
        {x, b.getInt32(to->bits), c.rt.flags((flags & math::kRoundingMask) | (wide ? math::kFromDouble : 0u))});
    return b.CreateTrunc(out, c.call->getType());
  }
  const bool small = to->bits == 16 || std::string_view(to->name) == "tf32";
  Value* out = c.rt.call(std::string("kv_cvt_") + to->name + "_" + source,
                         small ? static_cast<llvm::Type*>(b.getInt32Ty()) : c.call->getType(), {x, c.rt.flags(flags)});
  return small ? fromHalfBits(c, out) : out;
}

/// ff2f16x2.rn(a, b) and ff2bf16x2: a on top.
Value* packedConversion(const Call& c) {
  const bool half = c.words[0] == "ff2f16x2";
  if (!half && c.words[0] != "ff2bf16x2")
    return nullptr;
  auto& b = c.b();
  const auto one = [&](unsigned i) {
    return c.rt.call(half ? "kv_cvt_f16_f32" : "kv_cvt_bf16_f32", b.getInt32Ty(), {c.arg(i), c.rt.flags(flagsOf(c))});
  };
  Value* low = one(1);
  return b.CreateBitCast(b.CreateOr(b.CreateShl(one(0), 16), low), c.call->getType());
}

/// Multiplications' high halves, 24-bit products, sums of differences, permutations, rotations.
Value* integers(const Call& c) {
  auto& b = c.b();
  const std::string& op = c.words[0];
  const std::string kind = c.words.size() > 1 ? c.words[1] : "";
  llvm::Type* type = c.call->getType();
  if (op == "mulhi" || op == "mul24") {
    const bool is_signed = kind == "i" || kind == "s" || kind == "ll";
    const unsigned bits = type->getIntegerBitWidth();
    auto* wide = b.getIntNTy(2 * bits);
    const auto extend = [&](Value* v) {
      if (op == "mul24")
        v = is_signed ? b.CreateAShr(b.CreateShl(v, 8), 8) : b.CreateAnd(v, 0xffffff);
      return is_signed ? b.CreateSExt(v, wide) : b.CreateZExt(v, wide);
    };
    Value* product = b.CreateMul(extend(c.arg(0)), extend(c.arg(1)));
    return b.CreateTrunc(op == "mul24" ? product : b.CreateLShr(product, bits), type);
  }
  if (op == "sad") {
    const bool is_signed = kind == "i" || kind == "s" || kind == "ll";
    Value* less = is_signed ? b.CreateICmpSLT(c.arg(0), c.arg(1)) : b.CreateICmpULT(c.arg(0), c.arg(1));
    return b.CreateAdd(c.arg(2),
                       b.CreateSelect(less, b.CreateSub(c.arg(1), c.arg(0)), b.CreateSub(c.arg(0), c.arg(1))));
  }
  if (op == "fns")
    return c.rt.call("kv_fns_b32", type, {c.arg(0), c.arg(1), c.arg(2)});
  if (op == "prmt")
    return c.rt.call("kv_prmt_b32", type, {c.arg(0), c.arg(1), c.arg(2)});
  if (op == "rotate") {
    const bool right = c.has("right");
    return b.CreateIntrinsic(right ? llvm::Intrinsic::fshr : llvm::Intrinsic::fshl, {type},
                             {c.arg(0), c.arg(0), b.CreateZExt(c.arg(1), type)});
  }
  if (op == "brev32" || op == "brev64")
    return b.CreateUnaryIntrinsic(llvm::Intrinsic::bitreverse, c.arg(0));
  return nullptr;
}

Value* bitMoves(const Call& c) {
  auto& b = c.b();
  const std::string& op = c.words[0];
  if (op == "bitcast")
    return b.CreateBitCast(c.arg(0), c.call->getType());
  if (op == "move")
    return c.arg(0);
  if (op == "lohi") {
    Value* high = b.CreateShl(b.CreateZExt(c.arg(1), b.getInt64Ty()), 32);
    return b.CreateBitCast(b.CreateOr(high, b.CreateZExt(c.arg(0), b.getInt64Ty())), b.getDoubleTy());
  }
  if (op == "d2i" && (c.has("hi") || c.has("lo"))) {
    Value* bits = b.CreateBitCast(c.arg(0), b.getInt64Ty());
    return b.CreateTrunc(c.has("hi") ? b.CreateLShr(bits, 32) : bits, b.getInt32Ty());
  }
  return nullptr;
}

/// Loads and atomics that are intrinsics for historical reasons.
Value* memory(const Call& c) {
  auto& b = c.b();
  if (c.words[0] == "ldg" || c.words[0] == "ldu") {
    const auto align = llvm::cast<llvm::ConstantInt>(c.arg(1))->getZExtValue();
    return b.CreateAlignedLoad(c.call->getType(), c.arg(0), llvm::Align(align));
  }
  if (c.words[0] != "atomic")
    return nullptr;
  const bool block = c.has("cta"), system = c.has("sys");
  const auto scope = b.getContext().getOrInsertSyncScopeID(block ? "block" : system ? "" : "device");
  const auto order = llvm::AtomicOrdering::Monotonic;
  using Rmw = llvm::AtomicRMWInst;
  if (c.has("cas")) {
    return b.CreateExtractValue(b.CreateAtomicCmpXchg(c.arg(0), c.arg(1), c.arg(2), {}, order, order, scope), 0);
  }
  static const std::map<std::string, Rmw::BinOp> kOps = {
      {"inc", Rmw::UIncWrap}, {"dec", Rmw::UDecWrap}, {"exch", Rmw::Xchg}, {"max", Rmw::Max}, {"min", Rmw::Min},
      {"and", Rmw::And},      {"or", Rmw::Or},        {"xor", Rmw::Xor},   {"add", Rmw::Add}};
  for (const auto& [word, op] : kOps) {
    if (!c.has(word))
      continue;
    const bool floating = c.call->getType()->isFloatingPointTy();
    if (floating && op != Rmw::Add && op != Rmw::Xchg)
      return nullptr;
    return b.CreateAtomicRMW(floating && op == Rmw::Add ? Rmw::FAdd : op, c.arg(0), c.arg(1), {}, order, scope);
  }
  return nullptr;
}

/// Replaces the call unless no family knows it.
void lowerIntrinsic(llvm::CallInst* call, Runtime& rt) {
  Call c{call, rt, {}};
  llvm::StringRef rest = call->getCalledFunction()->getName();
  rest.consume_front("llvm.nvvm.");
  llvm::SmallVector<llvm::StringRef> parts;
  rest.split(parts, '.');
  for (const auto part : parts)
    c.words.push_back(part.str());
  for (const auto family : {arithmetic, wholeNumbers, bitMoves, conversion, packedConversion, integers, memory}) {
    if (Value* value = family(c)) {
      call->replaceAllUsesWith(value);
      call->eraseFromParent();
      return;
    }
  }
  lowerMatrixIntrinsic(call, rt, c.words);
}

/// sincosf(x, s, c), frexp(x, e), modf(x, i), remquo(x, y, q): values from functions that store nothing.
bool lowerStoringFunction(llvm::CallInst* call, Runtime& rt) {
  llvm::StringRef name = call->getCalledFunction()->getName();
  if (!name.consume_front("__nv_"))
    return false;
  if (call->arg_size() == 0)
    return false;
  const bool single = call->getArgOperand(0)->getType()->isFloatTy();
  const std::string suffix = single ? "_f32" : "_f64";
  const llvm::StringRef stem = single ? name.drop_back() : name;
  const std::string f = single ? "f" : "";
  llvm::Type* type = call->getArgOperand(0)->getType();
  Value* x = call->getArgOperand(0);
  Value* result = nullptr;
  const auto put = [&](Value* value, unsigned i) { rt.b.CreateStore(value, call->getArgOperand(i)); };
  const auto both = [&](const std::string& sine, const std::string& cosine) {
    put(rt.call(sine, type, {x}), 1);
    put(rt.call(cosine, type, {x}), 2);
  };
  if (stem == "sincos") {
    both("__nv_sin" + f, "__nv_cos" + f);
  } else if (stem == "sincospi") {
    both("__nv_sinpi" + f, "__nv_cospi" + f);
  } else if (stem == "fast_sincos") {
    both("__nv_fast_sinf", "__nv_fast_cosf");
  } else if (stem == "frexp") {
    put(rt.call("kv_frexp_exponent" + suffix, rt.b.getInt32Ty(), {x}), 1);
    result = rt.call("kv_frexp_part" + suffix, type, {x});
  } else if (stem == "modf") {
    put(rt.call("__nv_trunc" + f, type, {x}), 1);
    result = rt.call("kv_modf_part" + suffix, type, {x});
  } else if (stem == "remquo") {
    Value* y = call->getArgOperand(1);
    put(rt.call("kv_remquo_quotient" + suffix, rt.b.getInt32Ty(), {x, y}), 2);
    result = rt.call("__nv_remainder" + f, type, {x, y});
  } else {
    return false;
  }
  if (result)
    call->replaceAllUsesWith(result);
  call->eraseFromParent();
  return true;
}

} // namespace

void lowerMathIntrinsics(llvm::Module& module, std::vector<std::string>& unsupported) {
  std::vector<llvm::CallInst*> calls;
  for (llvm::Function& function : module) {
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      const llvm::Function* callee = call ? call->getCalledFunction() : nullptr;
      if (callee && callee->isDeclaration() &&
          (callee->getName().starts_with("llvm.nvvm.") || callee->getName().starts_with("__nv_"))) {
        calls.push_back(call);
      }
    }
  }
  for (llvm::CallInst* call : calls) {
    llvm::IRBuilder<> builder(call);
    Runtime rt(builder);
    const std::string name = call->getCalledFunction()->getName().str();
    if (name == "__nv_norm" || name == "__nv_normf" || name == "__nv_rnorm" || name == "__nv_rnormf") {
      rt.unsupported(name); // reads an array of any length
      if (std::find(unsupported.begin(), unsupported.end(), name) == unsupported.end())
        unsupported.push_back(name);
      call->replaceAllUsesWith(llvm::Constant::getNullValue(call->getType()));
      call->eraseFromParent();
    } else if (!name.starts_with("__nv_")) {
      lowerIntrinsic(call, rt);
    } else {
      lowerStoringFunction(call, rt);
    }
  }
}

} // namespace kverify::simt::ptx
