// cvt and cvta.
#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;
using K = Type::Kind;

/// The source lane as float or double, exactly.
Value* widen(Emitter& e, Value* x, const Type& from, std::uint32_t flags) {
  auto* f32 = e.b.getFloatTy();
  switch (from.kind) {
  case K::Half: return e.rt.call("kv_half_to_float", f32, {x, e.rt.flags(0)});
  case K::Brain: return e.rt.call("kv_bfloat_to_float", f32, {x});
  case K::E4m3: return e.rt.call("kv_e4m3_to_float", f32, {x});
  case K::E5m2: return e.rt.call("kv_e5m2_to_float", f32, {x});
  case K::Tf32: return x;
  default:
    if (from.bits == 32 && (flags & math::kFlush))
      return e.rt.call("kv_flush_f32", f32, {x});
    return x;
  }
}

Value* floatToFloat(Emitter& e, Value* x, const Type& to, bool to_integer, std::uint32_t flags) {
  const std::string from = x->getType()->isDoubleTy() ? "f64" : "f32";
  if (to_integer) {
    x = e.rt.call("kv_rint_" + from, x->getType(), {x, e.rt.flags(flags & math::kRoundingMask)});
    flags &= ~std::uint32_t{math::kRoundingMask};
  }
  return e.rt.call("kv_cvt_" + to.laneName() + "_" + from, e.laneType(to), {x, e.rt.flags(flags)});
}

Value* floatToInteger(Emitter& e, Value* x, const Type& to, std::uint32_t flags) {
  if (x->getType()->isDoubleTy()) {
    flags |= math::kFromDouble;
  } else {
    x = e.b.CreateFPExt(x, e.b.getDoubleTy());
  }
  Value* out = e.rt.call(to.isSigned() ? "kv_to_signed" : "kv_to_unsigned", e.b.getInt64Ty(),
                         {x, e.b.getInt32(to.bits), e.rt.flags(flags)});
  return e.b.CreateTrunc(out, e.b.getIntNTy(to.bits));
}

Value* integerToFloat(Emitter& e, Value* x, const Type& from, const Type& to, std::uint32_t flags) {
  auto* wide = e.b.getInt64Ty();
  x = from.isSigned() ? e.b.CreateSExt(x, wide) : e.b.CreateZExt(x, wide);
  return e.rt.call("kv_cvt_" + to.laneName() + (from.isSigned() ? "_s64" : "_u64"), e.laneType(to),
                   {x, e.rt.flags(flags)});
}

Value* integerToInteger(Emitter& e, Value* x, const Type& from, const Type& to, bool saturate) {
  auto* wide = e.b.getIntNTy(65); // holds every value of both, signed
  auto* narrow = e.b.getIntNTy(to.bits);
  if (!saturate)
    return from.isSigned() ? e.b.CreateSExtOrTrunc(x, narrow) : e.b.CreateZExtOrTrunc(x, narrow);
  x = from.isSigned() ? e.b.CreateSExt(x, wide) : e.b.CreateZExt(x, wide);
  const auto limit = [&](llvm::APInt v) {
    return llvm::ConstantInt::get(wide, to.isSigned() ? v.sext(65) : v.zext(65));
  };
  Value* low = to.isSigned() ? limit(llvm::APInt::getSignedMinValue(to.bits)) : llvm::ConstantInt::get(wide, 0);
  Value* high = limit(to.isSigned() ? llvm::APInt::getSignedMaxValue(to.bits) : llvm::APInt::getMaxValue(to.bits));
  x = e.b.CreateSelect(e.b.CreateICmpSLT(x, low), low, x);
  x = e.b.CreateSelect(e.b.CreateICmpSGT(x, high), high, x);
  return e.b.CreateTrunc(x, narrow);
}

/// One lane; nullptr for a pair of types that PTX does not convert.
Value* convertLane(Emitter& e, Value* x, const Type& from, const Type& to, bool to_integer, std::uint32_t flags) {
  if (from.isFloat()) {
    x = widen(e, x, from, flags);
    if (from.kind == K::Brain && to == Type{K::Float, 32, 1} && flags == 0 && !to_integer)
      return x; // NaNs pass
    return to.isFloat() ? floatToFloat(e, x, to, to_integer, flags) : floatToInteger(e, x, to, flags);
  }
  if (to.isFloat())
    return integerToFloat(e, x, from, to, flags);
  return integerToInteger(e, x, from, to, (flags & math::kSaturate) != 0);
}

bool cvt(Emitter& e, const Statement& s, Mods& mods) {
  bool to_integer = false;
  for (const std::string& word : s.words)
    to_integer |= word.size() == 3 && word[0] == 'r' && word[2] == 'i';
  const std::uint32_t flags = takeFloatFlags(mods);
  const auto to = mods.takeType(), from = mods.takeType();
  if (!to || !from || s.operands.size() < 2 || !mods.allTaken())
    return false;
  std::vector<Value*> lanes;
  if (s.operands.size() == 3) { // two f32 into one pair, the first operand on top
    if (to->lanes != 2 || from->lanes != 1)
      return false;
    for (unsigned i = 2; i >= 1; --i) {
      Value* x = e.readAs(s.operands[i], *from);
      lanes.push_back(x ? convertLane(e, x, *from, *to, false, flags) : nullptr);
      if (!lanes.back())
        return false;
    }
    e.write(s.operands[0], e.pack(lanes, *to));
    return true;
  }
  if (s.operands.size() != 2 || to->lanes != from->lanes)
    return false;
  Value* x = e.readAs(s.operands[1], *from);
  if (!x)
    return false;
  if (from->kind == K::Tf32)
    x = e.b.CreateBitCast(x, e.b.getFloatTy());
  for (unsigned i = 0; i < to->lanes; ++i) {
    Value* part = from->isFloat() && from->kind != K::Tf32 ? e.lane(x, i, *from) : x;
    lanes.push_back(convertLane(e, part, *from, *to, to_integer, flags));
  }
  e.write(s.operands[0], to->isInteger() ? lanes[0] : e.pack(lanes, *to), to->isSigned());
  return true;
}

unsigned spaceOf(const std::string& name) {
  if (name == "global")
    return 1;
  if (name.starts_with("shared"))
    return 3;
  if (name == "const")
    return 4;
  return name == "local" ? 5 : 0;
}

// cvta.shared.u64 d, a makes a generic address; cvta.to.shared.u64 undoes it.
bool cvta(Emitter& e, const Statement& s, Mods& mods) {
  const bool to_space = mods.take("to");
  const std::string space = mods.takeOneOf({"global", "shared", "shared::cta", "const", "local"});
  const auto type = mods.takeType();
  if (!type || space.empty() || s.operands.size() != 2)
    return false;
  Value* x = e.read(s.operands[1], type->bits);
  if (!x)
    return false;
  const unsigned inside = spaceOf(space);
  Value* pointer = e.b.CreateIntToPtr(x, e.b.getPtrTy(to_space ? 0 : inside));
  pointer = e.b.CreateAddrSpaceCast(pointer, e.b.getPtrTy(to_space ? inside : 0));
  e.write(s.operands[0], e.b.CreatePtrToInt(pointer, e.b.getIntNTy(type->bits)));
  return true;
}

} // namespace

void addConvertOps(HandlerTable& table) {
  table["cvt"] = cvt;
  table["cvta"] = cvta;
}

} // namespace kverify::simt::ptx
