// setp, set, selp, slct.
#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {
namespace {

using llvm::CmpInst;
using llvm::Value;

struct Comparison {
  const char* name;
  CmpInst::Predicate as_float, as_signed, as_unsigned;
};

constexpr CmpInst::Predicate kNone = CmpInst::BAD_ICMP_PREDICATE;
constexpr Comparison kComparisons[] = {
    {"eq", CmpInst::FCMP_OEQ, CmpInst::ICMP_EQ, CmpInst::ICMP_EQ},
    {"ne", CmpInst::FCMP_ONE, CmpInst::ICMP_NE, CmpInst::ICMP_NE},
    {"lt", CmpInst::FCMP_OLT, CmpInst::ICMP_SLT, CmpInst::ICMP_ULT},
    {"le", CmpInst::FCMP_OLE, CmpInst::ICMP_SLE, CmpInst::ICMP_ULE},
    {"gt", CmpInst::FCMP_OGT, CmpInst::ICMP_SGT, CmpInst::ICMP_UGT},
    {"ge", CmpInst::FCMP_OGE, CmpInst::ICMP_SGE, CmpInst::ICMP_UGE},
    {"lo", kNone, CmpInst::ICMP_ULT, CmpInst::ICMP_ULT},
    {"ls", kNone, CmpInst::ICMP_ULE, CmpInst::ICMP_ULE},
    {"hi", kNone, CmpInst::ICMP_UGT, CmpInst::ICMP_UGT},
    {"hs", kNone, CmpInst::ICMP_UGE, CmpInst::ICMP_UGE},
    {"equ", CmpInst::FCMP_UEQ, kNone, kNone},
    {"neu", CmpInst::FCMP_UNE, kNone, kNone},
    {"ltu", CmpInst::FCMP_ULT, kNone, kNone},
    {"leu", CmpInst::FCMP_ULE, kNone, kNone},
    {"gtu", CmpInst::FCMP_UGT, kNone, kNone},
    {"geu", CmpInst::FCMP_UGE, kNone, kNone},
    {"num", CmpInst::FCMP_ORD, kNone, kNone},
    {"nan", CmpInst::FCMP_UNO, kNone, kNone},
};

const Comparison* takeComparison(Mods& mods) {
  for (const Comparison& c : kComparisons) {
    if (mods.take(c.name))
      return &c;
  }
  return nullptr;
}

Value* compareLane(Emitter& e, const Comparison& c, const Type& type, bool flush, Value* x, Value* y) {
  if (!type.isFloat()) {
    const auto predicate = type.kind == Type::Kind::Signed ? c.as_signed : c.as_unsigned;
    return predicate == kNone ? nullptr : e.b.CreateICmp(predicate, x, y);
  }
  if (c.as_float == kNone)
    return nullptr;
  const auto wide = [&](Value* v) -> Value* {
    if (type.kind == Type::Kind::Half)
      v = e.rt.call("kv_half_to_float", e.b.getFloatTy(), {v, e.rt.flags(flush ? std::uint32_t{math::kFlush} : 0u)});
    if (type.kind == Type::Kind::Brain)
      v = e.rt.call("kv_bfloat_to_float", e.b.getFloatTy(), {v});
    if (type.kind == Type::Kind::Float && flush)
      v = e.rt.call("kv_flush_f32", e.b.getFloatTy(), {v});
    return v;
  };
  return e.b.CreateFCmp(c.as_float, wide(x), wide(y));
}

/// One truth value per lane.
std::vector<Value*> compare(Emitter& e, const Statement& s, const Comparison& c, const Type& type, bool flush) {
  std::vector<Value*> out;
  if (s.operands.size() < 3)
    return out;
  Value *x = e.readAs(s.operands[1], type), *y = e.readAs(s.operands[2], type);
  if (!x || !y)
    return out;
  for (unsigned i = 0; i < type.lanes; ++i) {
    const bool whole = !type.isFloat() || type.kind == Type::Kind::Float;
    Value* bit = compareLane(e, c, type, flush, whole ? x : e.lane(x, i, type), whole ? y : e.lane(y, i, type));
    if (!bit)
      return {};
    out.push_back(bit);
  }
  return out;
}

Value* combine(Emitter& e, const std::string& how, Value* bit, Value* other) {
  if (how == "and")
    return e.b.CreateAnd(bit, other);
  return how == "or" ? e.b.CreateOr(bit, other) : e.b.CreateXor(bit, other);
}

bool setp(Emitter& e, const Statement& s, Mods& mods) {
  const Comparison* c = takeComparison(mods);
  const std::string how = mods.takeOneOf({"and", "or", "xor"});
  const bool flush = mods.take("ftz");
  const auto type = mods.takeType();
  if (!c || !type)
    return false;
  std::vector<Value*> bits = compare(e, s, *c, *type, flush);
  if (bits.empty() || s.operands.size() != (how.empty() ? 3u : 4u))
    return false;
  if (type->lanes == 1 && !s.operands[0].pair.empty())
    bits.push_back(e.b.CreateNot(bits[0]));
  if (!how.empty()) {
    Value* other = e.read(s.operands[3], 1);
    if (!other)
      return false;
    for (Value*& bit : bits)
      bit = combine(e, how, bit, other);
  }
  e.write(s.operands[0], bits[0]);
  if (bits.size() > 1 && !s.operands[0].pair.empty())
    e.writeName(s.operands[0].pair, bits[1]);
  return true;
}

/// What `set` writes for true in a destination type: all ones, or one.
Value* truth(Emitter& e, const Type& to) {
  using K = Type::Kind;
  if (to.kind == K::Float)
    return e.b.getInt32(0x3f800000);
  if (to.kind == K::Half)
    return e.b.getIntN(16, 0x3c00);
  if (to.kind == K::Brain)
    return e.b.getIntN(16, 0x3f80);
  return llvm::Constant::getAllOnesValue(e.b.getIntNTy(to.bits));
}

bool set(Emitter& e, const Statement& s, Mods& mods) {
  const Comparison* c = takeComparison(mods);
  const std::string how = mods.takeOneOf({"and", "or", "xor"});
  const bool flush = mods.take("ftz");
  const auto to = mods.takeType(), from = mods.takeType();
  if (!c || !to || !from)
    return false;
  std::vector<Value*> bits = compare(e, s, *c, *from, flush);
  if (bits.empty() || s.operands.size() != (how.empty() ? 3u : 4u))
    return false;
  if (!how.empty()) {
    Value* other = e.read(s.operands[3], 1);
    if (!other)
      return false;
    for (Value*& bit : bits)
      bit = combine(e, how, bit, other);
  }
  // Two lanes into one 32-bit register of masks: set.eq.u32.f16x2.
  Type lane_type = *to;
  if (bits.size() == 2 && to->lanes == 1)
    lane_type = {to->kind, to->bits / 2, 2};
  std::vector<Value*> lanes;
  for (Value* bit : bits) {
    Value* one = truth(e, lane_type);
    lanes.push_back(e.b.CreateSelect(bit, one, llvm::ConstantInt::get(one->getType(), 0)));
  }
  e.write(s.operands[0], bits.size() == 1 ? lanes[0] : e.pack(lanes, lane_type), true);
  return true;
}

bool selp(Emitter& e, const Statement& s, Mods& mods) {
  const auto type = mods.takeType();
  if (!type || s.operands.size() != 4)
    return false;
  Value *x = e.read(s.operands[1], type->width()), *y = e.read(s.operands[2], type->width());
  Value* condition = e.read(s.operands[3], 1);
  if (!x || !y || !condition)
    return false;
  e.write(s.operands[0], e.b.CreateSelect(condition, x, y), type->isSigned());
  return true;
}

bool slct(Emitter& e, const Statement& s, Mods& mods) {
  const bool flush = mods.take("ftz");
  const auto type = mods.takeType(), by = mods.takeType();
  if (!type || !by || s.operands.size() != 4)
    return false;
  Value *x = e.read(s.operands[1], type->width()), *y = e.read(s.operands[2], type->width());
  Value* key = e.readAs(s.operands[3], *by);
  if (!x || !y || !key)
    return false;
  if (flush && by->isFloat())
    key = e.rt.call("kv_flush_f32", e.b.getFloatTy(), {key});
  auto* zero = llvm::Constant::getNullValue(key->getType());
  Value* condition = by->isFloat() ? e.b.CreateFCmpOGE(key, zero) : e.b.CreateICmpSGE(key, zero);
  e.write(s.operands[0], e.b.CreateSelect(condition, x, y), type->isSigned());
  return true;
}

} // namespace

void addCompareOps(HandlerTable& table) {
  table["setp"] = setp;
  table["set"] = set;
  table["selp"] = selp;
  table["slct"] = slct;
}

} // namespace kverify::simt::ptx
