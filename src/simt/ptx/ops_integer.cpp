// mov and the integer and bit instructions.
#include <algorithm>
#include <set>

#include <llvm/IR/Intrinsics.h>

#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;
using llvm::Intrinsic::ID;

bool mov(Emitter& e, const Statement& s, Mods& mods) {
  const auto type = mods.takeType();
  if (!type || s.operands.size() != 2)
    return false;
  const Operand &to = s.operands[0], &from = s.operands[1];
  const unsigned width = type->width();
  if (from.kind == Operand::Kind::Vector) {
    const auto count = static_cast<unsigned>(from.parts.size());
    Value* whole = e.b.getIntN(width, 0);
    for (unsigned i = 0; i < count; ++i) {
      Value* part = e.read(from.parts[i], width / count);
      if (!part)
        return false;
      whole = e.b.CreateOr(whole, e.b.CreateShl(e.b.CreateZExt(part, whole->getType()), i * (width / count)));
    }
    e.write(to, whole);
    return true;
  }
  Value* value = e.read(from, width);
  if (!value)
    return false;
  if (to.kind != Operand::Kind::Vector) {
    e.write(to, value);
    return true;
  }
  const auto count = static_cast<unsigned>(to.parts.size());
  for (unsigned i = 0; i < count; ++i) {
    e.write(to.parts[i], e.b.CreateTrunc(e.b.CreateLShr(value, i * (width / count)), e.b.getIntNTy(width / count)));
  }
  return true;
}

/// Reads operands 1… at the width of the type, applies f, writes operand 0.
template <class F>
bool simple(Emitter& e, const Statement& s, const std::optional<Type>& type, unsigned inputs, F f) {
  if (!type || s.operands.size() != inputs + 1)
    return false;
  std::vector<Value*> in;
  for (unsigned i = 1; i <= inputs; ++i) {
    in.push_back(e.read(s.operands[i], type->width()));
    if (!in.back())
      return false;
  }
  Value* out = f(in);
  if (out)
    e.write(s.operands[0], out, type->isSigned());
  return out != nullptr;
}

template <class F>
Value* perLane(Emitter& e, const Type& type, llvm::ArrayRef<Value*> in, F f) {
  if (type.lanes == 1)
    return f(in);
  std::vector<Value*> lanes;
  for (unsigned i = 0; i < type.lanes; ++i) {
    std::vector<Value*> part;
    for (Value* v : in)
      part.push_back(e.b.CreateTrunc(e.b.CreateLShr(v, i * type.bits), e.b.getIntNTy(type.bits)));
    lanes.push_back(f(part));
  }
  return e.pack(lanes, type);
}

// The carry of add.cc and friends lives in a register of its own.
constexpr const char* kCarry = "%cc";

Value* addCarry(Emitter& e, Mods& mods, bool use, bool subtract, llvm::ArrayRef<Value*> in) {
  Operand cc;
  cc.name = kCarry;
  if (e.widthOf(cc) == 0)
    e.define(kCarry, 1, nullptr);
  const unsigned width = in[0]->getType()->getIntegerBitWidth();
  auto* wide = e.b.getIntNTy(width + 1);
  Value* carry = use ? e.b.CreateZExt(e.read(cc, 1), wide) : e.b.getIntN(width + 1, 0);
  Value *a = e.b.CreateZExt(in[0], wide), *c = e.b.CreateZExt(in[1], wide);
  Value* sum = subtract ? e.b.CreateSub(e.b.CreateSub(a, c), carry) : e.b.CreateAdd(e.b.CreateAdd(a, c), carry);
  if (mods.take("cc"))
    e.writeName(kCarry, e.b.CreateTrunc(e.b.CreateLShr(sum, width), e.b.getInt1Ty()));
  return e.b.CreateTrunc(sum, in[0]->getType());
}

Handler addSub(bool subtract) {
  return [subtract](Emitter& e, const Statement& s, Mods& mods) {
    const auto type = mods.takeType();
    if (type && type->isFloat())
      return emitFloatOp(e, s, mods, *type, subtract ? "sub" : "add");
    const bool saturate = mods.take("sat");
    const bool carry_in = mods.opcode() == "addc" || mods.opcode() == "subc";
    return simple(e, s, type, 2, [&](llvm::ArrayRef<Value*> in) -> Value* {
      if (carry_in || !mods.allTaken())
        return addCarry(e, mods, carry_in, subtract, in);
      if (saturate) {
        return e.b.CreateBinaryIntrinsic(subtract ? llvm::Intrinsic::ssub_sat : llvm::Intrinsic::sadd_sat, in[0],
                                         in[1]);
      }
      return perLane(e, *type, in, [&](llvm::ArrayRef<Value*> v) {
        return subtract ? e.b.CreateSub(v[0], v[1]) : e.b.CreateAdd(v[0], v[1]);
      });
    });
  };
}

Value* product(Emitter& e, const Type& type, const std::string& part, Value* x, Value* y) {
  auto* wide = e.b.getIntNTy(2 * type.bits);
  const auto extend = [&](Value* v) { return type.isSigned() ? e.b.CreateSExt(v, wide) : e.b.CreateZExt(v, wide); };
  if (part == "lo")
    return e.b.CreateMul(x, y);
  Value* whole = e.b.CreateMul(extend(x), extend(y));
  return part == "wide" ? whole : e.b.CreateTrunc(e.b.CreateLShr(whole, type.bits), x->getType());
}

bool mulMad(Emitter& e, const Statement& s, Mods& mods) {
  const bool add = mods.opcode() == "mad";
  const auto type = mods.takeType();
  if (!type)
    return false;
  if (type->isFloat())
    return emitFloatOp(e, s, mods, *type, add ? "fma" : "mul");
  const std::string part = mods.takeOneOf({"lo", "hi", "wide"});
  if (part.empty() || s.operands.size() != (add ? 4u : 3u))
    return false;
  Value *x = e.read(s.operands[1], type->bits), *y = e.read(s.operands[2], type->bits);
  if (!x || !y)
    return false;
  Value* out = product(e, *type, part, x, y);
  if (add) {
    Value* c = e.read(s.operands[3], out->getType()->getIntegerBitWidth());
    if (!c)
      return false;
    if (mods.take("sat")) {
      out = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::sadd_sat, out, c);
    } else {
      out = e.b.CreateAdd(out, c);
    }
  }
  e.write(s.operands[0], out, type->isSigned());
  return true;
}

bool mul24(Emitter& e, const Statement& s, Mods& mods) {
  const bool add = mods.opcode() == "mad24";
  const auto type = mods.takeType();
  const std::string part = mods.takeOneOf({"lo", "hi"});
  if (!type || part.empty())
    return false;
  return simple(e, s, type, add ? 3 : 2, [&](llvm::ArrayRef<Value*> in) {
    const auto cut = [&](Value* v) {
      Value* high = e.b.CreateZExt(e.b.CreateShl(v, 8), e.b.getInt64Ty());
      high = e.b.CreateShl(high, 32);
      return type->isSigned() ? e.b.CreateAShr(high, 40) : e.b.CreateLShr(high, 40);
    };
    Value* whole = e.b.CreateMul(cut(in[0]), cut(in[1]));
    Value* out = e.b.CreateTrunc(part == "lo" ? whole : e.b.CreateLShr(whole, 16), e.b.getInt32Ty());
    return add ? e.b.CreateAdd(out, in[2]) : out;
  });
}

Handler divRem(bool rem) {
  return [rem](Emitter& e, const Statement& s, Mods& mods) {
    const auto type = mods.takeType();
    if (type && type->isFloat())
      return !rem && emitFloatOp(e, s, mods, *type, "div");
    return simple(e, s, type, 2, [&](llvm::ArrayRef<Value*> in) {
      if (type->isSigned())
        return rem ? e.b.CreateSRem(in[0], in[1]) : e.b.CreateSDiv(in[0], in[1]);
      return rem ? e.b.CreateURem(in[0], in[1]) : e.b.CreateUDiv(in[0], in[1]);
    });
  };
}

Handler minMax(bool max) {
  return [max](Emitter& e, const Statement& s, Mods& mods) {
    const auto type = mods.takeType();
    if (!type)
      return false;
    if (type->isFloat())
      return emitFloatOp(e, s, mods, *type, max ? "max" : "min");
    const bool relu = mods.take("relu");
    return simple(e, s, type, 2, [&](llvm::ArrayRef<Value*> in) {
      return perLane(e, *type, in, [&](llvm::ArrayRef<Value*> v) {
        const ID id = type->isSigned() ? (max ? llvm::Intrinsic::smax : llvm::Intrinsic::smin)
                                       : (max ? llvm::Intrinsic::umax : llvm::Intrinsic::umin);
        Value* out = e.b.CreateBinaryIntrinsic(id, v[0], v[1]);
        if (!relu)
          return out;
        return e.b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, out, llvm::ConstantInt::get(out->getType(), 0));
      });
    });
  };
}

Handler absNeg(bool neg) {
  return [neg](Emitter& e, const Statement& s, Mods& mods) {
    const auto type = mods.takeType();
    if (!type)
      return false;
    if (type->isFloat())
      return emitFloatOp(e, s, mods, *type, neg ? "neg" : "abs");
    return simple(e, s, type, 1, [&](llvm::ArrayRef<Value*> in) -> Value* {
      if (neg)
        return e.b.CreateNeg(in[0]);
      return e.b.CreateBinaryIntrinsic(llvm::Intrinsic::abs, in[0], e.b.getFalse());
    });
  };
}

Handler bitwise(llvm::Instruction::BinaryOps op) {
  return [op](Emitter& e, const Statement& s, Mods& mods) {
    return simple(e, s, mods.takeType(), 2,
                  [&](llvm::ArrayRef<Value*> in) { return e.b.CreateBinOp(op, in[0], in[1]); });
  };
}

bool inversion(Emitter& e, const Statement& s, Mods& mods) {
  const bool logical = mods.opcode() == "cnot";
  return simple(e, s, mods.takeType(), 1, [&](llvm::ArrayRef<Value*> in) {
    return logical ? e.b.CreateZExt(e.b.CreateIsNull(in[0]), in[0]->getType()) : e.b.CreateNot(in[0]);
  });
}

// Shift amounts are 32-bit unsigned; from the width on nothing is left but the sign.
bool shift(Emitter& e, const Statement& s, Mods& mods) {
  const auto type = mods.takeType();
  if (!type || s.operands.size() != 3)
    return false;
  Value *x = e.read(s.operands[1], type->bits), *n = e.read(s.operands[2], 32);
  if (!x || !n)
    return false;
  const bool left = mods.opcode() == "shl";
  Value* over = e.b.CreateICmpUGE(n, e.b.getInt32(type->bits));
  Value* most = e.b.CreateZExtOrTrunc(e.b.CreateSelect(over, e.b.getInt32(type->bits - 1), n), x->getType());
  Value* out;
  if (!left && type->isSigned()) {
    out = e.b.CreateAShr(x, most);
  } else {
    out = left ? e.b.CreateShl(x, most) : e.b.CreateLShr(x, most);
    out = e.b.CreateSelect(over, llvm::ConstantInt::get(x->getType(), 0), out);
  }
  e.write(s.operands[0], out, type->isSigned());
  return true;
}

bool funnelShift(Emitter& e, const Statement& s, Mods& mods) {
  const bool left = mods.take("l");
  const bool right = mods.take("r");
  const bool clamp = mods.take("clamp");
  const bool wrap = mods.take("wrap");
  if (left == right || clamp == wrap)
    return false;
  return simple(e, s, mods.takeType(), 3, [&](llvm::ArrayRef<Value*> in) {
    Value* limit = e.b.getInt32(32);
    Value* n = wrap ? e.b.CreateAnd(in[2], 31) : e.b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, in[2], limit);
    auto* wide = e.b.getInt64Ty();
    Value* both = e.b.CreateOr(e.b.CreateZExt(in[0], wide), e.b.CreateShl(e.b.CreateZExt(in[1], wide), 32));
    Value* amount = e.b.CreateZExt(n, wide);
    Value* out = left ? e.b.CreateLShr(e.b.CreateShl(both, amount), 32) : e.b.CreateLShr(both, amount);
    return e.b.CreateTrunc(out, e.b.getInt32Ty());
  });
}

/// Count of bits and the like: the result is 32 bits whatever the operand.
Handler bitCount(const char* what) {
  return [what = llvm::StringRef(what)](Emitter& e, const Statement& s, Mods& mods) {
    return simple(e, s, mods.takeType(), 1, [&](llvm::ArrayRef<Value*> in) -> Value* {
      if (what == "brev")
        return e.b.CreateUnaryIntrinsic(llvm::Intrinsic::bitreverse, in[0]);
      Value* out = what == "clz" ? e.b.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, in[0], e.b.getFalse())
                                 : e.b.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, in[0]);
      return e.b.CreateZExtOrTrunc(out, e.b.getInt32Ty());
    });
  };
}

/// Instructions whose rules are best read in C++: kv_<name>_<type>(operands…), simt/math/ptx_integer.cpp.
Handler helper(const char* name, std::vector<unsigned> operand_bits) {
  return [name = std::string(name), operand_bits](Emitter& e, const Statement& s, Mods& mods) {
    const auto type = mods.takeType();
    if (!type || s.operands.size() != operand_bits.size() + 1)
      return false;
    std::string mode = mods.takeRest();
    std::vector<Value*> in;
    for (unsigned i = 0; i < operand_bits.size(); ++i) {
      in.push_back(e.read(s.operands[i + 1], operand_bits[i] == 0 ? type->bits : operand_bits[i]));
      if (!in.back())
        return false;
    }
    std::string full = "kv_" + name + (mode.empty() ? "" : "_" + mode) + "_" + type->laneName();
    std::replace(full.begin(), full.end(), '.', '_');
    if (!isIntegerHelper(full))
      return false;
    auto* result = name == "bfind" ? e.b.getInt32Ty() : e.b.getIntNTy(type->bits);
    e.write(s.operands[0], e.rt.call(full, result, in), type->isSigned());
    return true;
  };
}

bool lop3(Emitter& e, const Statement& s, Mods& mods) {
  if (s.operands.size() != 5 || s.operands[4].kind == Operand::Kind::Sink)
    return false;
  auto* table = llvm::dyn_cast_or_null<llvm::ConstantInt>(e.read(s.operands[4], 32));
  if (!table)
    return false;
  const auto rows = table->getZExtValue();
  return simple(e, {s.kind, s.text, "", false, s.words, {s.operands.begin(), s.operands.begin() + 4}}, mods.takeType(),
                3, [&](llvm::ArrayRef<Value*> in) {
                  Value* out = e.b.getInt32(0);
                  for (unsigned row = 0; row < 8; ++row) {
                    if (!(rows >> row & 1))
                      continue;
                    Value* term = nullptr;
                    for (unsigned i = 0; i < 3; ++i) {
                      Value* bit = row >> (2 - i) & 1 ? in[i] : e.b.CreateNot(in[i]);
                      term = term ? e.b.CreateAnd(term, bit) : bit;
                    }
                    out = e.b.CreateOr(out, term);
                  }
                  return out;
                });
}

bool dotProduct(Emitter& e, const Statement& s, Mods& mods) {
  const auto a_type = mods.takeType(), b_type = mods.takeType();
  if (!a_type || !b_type || s.operands.size() != 4)
    return false;
  const bool four = mods.opcode() == "dp4a";
  const bool high = mods.take("hi");
  if (!four && !high && !mods.take("lo"))
    return false;
  Value *a = e.read(s.operands[1], 32), *c = e.read(s.operands[2], 32), *sum = e.read(s.operands[3], 32);
  if (!a || !c || !sum)
    return false;
  const unsigned a_bits = four ? 8 : 16;
  const auto part = [&](Value* v, unsigned at, unsigned bits, bool sign) {
    Value* cut = e.b.CreateTrunc(e.b.CreateLShr(v, at), e.b.getIntNTy(bits));
    return sign ? e.b.CreateSExt(cut, e.b.getInt32Ty()) : e.b.CreateZExt(cut, e.b.getInt32Ty());
  };
  for (unsigned i = 0; i < (four ? 4u : 2u); ++i) {
    Value* x = part(a, i * a_bits, a_bits, a_type->isSigned());
    Value* y = part(c, i * 8 + (high ? 16 : 0), 8, b_type->isSigned());
    sum = e.b.CreateAdd(sum, e.b.CreateMul(x, y));
  }
  e.write(s.operands[0], sum, true);
  return true;
}

} // namespace

bool isIntegerHelper(llvm::StringRef name) {
  static const std::set<std::string, std::less<>> kNames = {"kv_bfe_u32",
                                                            "kv_bfe_s32",
                                                            "kv_bfe_u64",
                                                            "kv_bfe_s64",
                                                            "kv_bfi_b32",
                                                            "kv_bfi_b64",
                                                            "kv_bfind_u32",
                                                            "kv_bfind_s32",
                                                            "kv_bfind_u64",
                                                            "kv_bfind_s64",
                                                            "kv_bfind_shiftamt_u32",
                                                            "kv_bfind_shiftamt_s32",
                                                            "kv_bfind_shiftamt_u64",
                                                            "kv_bfind_shiftamt_s64",
                                                            "kv_prmt_b32",
                                                            "kv_prmt_f4e_b32",
                                                            "kv_prmt_b4e_b32",
                                                            "kv_prmt_rc8_b32",
                                                            "kv_prmt_ecl_b32",
                                                            "kv_prmt_ecr_b32",
                                                            "kv_prmt_rc16_b32",
                                                            "kv_fns_b32",
                                                            "kv_sad_u32",
                                                            "kv_sad_s32",
                                                            "kv_sad_u64",
                                                            "kv_sad_s64"};
  return kNames.find(std::string_view(name)) != kNames.end();
}

void addIntegerOps(HandlerTable& table) {
  table["mov"] = mov;
  table["add"] = table["addc"] = addSub(false);
  table["sub"] = table["subc"] = addSub(true);
  table["mul"] = table["mad"] = mulMad;
  table["mul24"] = table["mad24"] = mul24;
  table["div"] = divRem(false);
  table["rem"] = divRem(true);
  table["min"] = minMax(false);
  table["max"] = minMax(true);
  table["abs"] = absNeg(false);
  table["neg"] = absNeg(true);
  table["and"] = bitwise(llvm::Instruction::And);
  table["or"] = bitwise(llvm::Instruction::Or);
  table["xor"] = bitwise(llvm::Instruction::Xor);
  table["not"] = table["cnot"] = inversion;
  table["shl"] = table["shr"] = shift;
  table["shf"] = funnelShift;
  table["popc"] = bitCount("popc");
  table["clz"] = bitCount("clz");
  table["brev"] = bitCount("brev");
  table["bfe"] = helper("bfe", {0, 32, 32});
  table["bfi"] = helper("bfi", {0, 0, 32, 32});
  table["bfind"] = helper("bfind", {0});
  table["prmt"] = helper("prmt", {0, 0, 32});
  table["fns"] = helper("fns", {0, 32, 32});
  table["sad"] = helper("sad", {0, 0, 0});
  table["lop3"] = lop3;
  table["dp4a"] = table["dp2a"] = dotProduct;
}

} // namespace kverify::simt::ptx
