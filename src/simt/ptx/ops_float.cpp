// Floating-point arithmetic. Everything but the plainest float and double operations is a call of kv_<op>_<type> in
// simt/math, with the modifiers as constant flags.
#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;

struct FloatOp {
  unsigned arity;
  std::uint32_t allowed; ///< flags that the operation can take
};

const FloatOp* findOp(llvm::StringRef op) {
  using namespace math;
  constexpr std::uint32_t arithmetic = kRoundingMask | kFlush | kSaturate | kRelu;
  constexpr std::uint32_t compare = kFlush | kNanWins | kXorSign | kRelu;
  constexpr std::uint32_t approximate = kRoundingMask | kFlush | kApprox;
  static const std::map<std::string, FloatOp, std::less<>> kOps = {
      {"add", {2, arithmetic}},   {"sub", {2, arithmetic}},  {"mul", {2, arithmetic}},   {"fma", {3, arithmetic}},
      {"div", {2, approximate}},  {"min", {2, compare}},     {"max", {2, compare}},      {"abs", {1, kFlush}},
      {"neg", {1, kFlush}},       {"rcp", {1, approximate}}, {"sqrt", {1, approximate}}, {"rsqrt", {1, approximate}},
      {"sin", {1, approximate}},  {"cos", {1, approximate}}, {"lg2", {1, approximate}},  {"ex2", {1, approximate}},
      {"tanh", {1, approximate}}, {"copysign", {2, 0}}};
  const auto it = kOps.find(std::string_view(op));
  return it == kOps.end() ? nullptr : &it->second;
}

Value* plain(Emitter& e, llvm::StringRef op, llvm::ArrayRef<Value*> in) {
  if (op == "add")
    return e.b.CreateFAdd(in[0], in[1]);
  if (op == "sub")
    return e.b.CreateFSub(in[0], in[1]);
  if (op == "mul")
    return e.b.CreateFMul(in[0], in[1]);
  if (op == "fma")
    return e.b.CreateIntrinsic(llvm::Intrinsic::fma, {in[0]->getType()}, in);
  if (op == "neg")
    return e.b.CreateFNeg(in[0]);
  return nullptr;
}

Handler floatOnly(const char* op) {
  return [op](Emitter& e, const Statement& s, Mods& mods) {
    const auto type = mods.takeType();
    return type && type->isFloat() && emitFloatOp(e, s, mods, *type, op);
  };
}

bool testp(Emitter& e, const Statement& s, Mods& mods) {
  const std::string what = mods.takeOneOf({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
  const auto type = mods.takeType();
  if (!type || what.empty() || type->kind != Type::Kind::Float || s.operands.size() != 2)
    return false;
  Value* x = e.readAs(s.operands[1], *type);
  if (!x)
    return false;
  static const std::map<std::string, unsigned> kClasses = {{"finite", 0x1f8}, {"infinite", 0x204},
                                                           {"number", 0x3fc}, {"notanumber", 0x3},
                                                           {"normal", 0x108}, {"subnormal", 0x90}};
  e.write(s.operands[0], e.b.createIsFPClass(x, kClasses.at(what)));
  return true;
}

} // namespace

std::uint32_t takeFloatFlags(Mods& mods) {
  using namespace math;
  static const std::map<std::string, std::uint32_t> kWords = {{"rn", kNearestEven},  {"rz", kTowardZero},
                                                              {"rm", kDown},         {"rp", kUp},
                                                              {"rna", kNearestAway}, {"rni", kNearestEven},
                                                              {"rzi", kTowardZero},  {"rmi", kDown},
                                                              {"rpi", kUp},          {"ftz", kFlush},
                                                              {"sat", kSaturate},    {"relu", kRelu},
                                                              {"NaN", kNanWins},     {"satfinite", kSaturateFinite},
                                                              {"approx", kApprox},   {"full", kApprox}};
  std::uint32_t flags = 0;
  for (const auto& [word, flag] : kWords) {
    if (mods.take(word))
      flags |= flag;
  }
  if (mods.take("xorsign")) {
    mods.take("abs");
    flags |= kXorSign;
  }
  mods.take("noftz");
  return flags;
}

bool emitFloatOp(Emitter& e, const Statement& s, Mods& mods, const Type& type, llvm::StringRef op) {
  const FloatOp* known = findOp(op);
  const std::uint32_t flags = takeFloatFlags(mods);
  const bool half = type.kind == Type::Kind::Half || type.kind == Type::Kind::Brain;
  const bool away = (flags & math::kRoundingMask) == math::kNearestAway; // cvt only
  if (!known || away || (flags & ~known->allowed) || s.operands.size() != known->arity + 1)
    return false;
  if (!half && type.kind != Type::Kind::Float)
    return false;
  std::vector<Value*> in;
  for (unsigned i = 1; i <= known->arity; ++i) {
    in.push_back(e.readAs(s.operands[i], type));
    if (!in.back())
      return false;
  }
  Value* out = flags == 0 && !half ? plain(e, op, in) : nullptr;
  if (!out) {
    const std::string name = "kv_" + op.str() + "_" + type.laneName();
    std::vector<Value*> lanes;
    for (unsigned i = 0; i < type.lanes; ++i) {
      std::vector<Value*> args;
      for (Value* value : in)
        args.push_back(e.lane(value, i, type));
      args.push_back(e.rt.flags(flags));
      lanes.push_back(e.rt.call(name, e.laneType(type), args));
    }
    out = e.pack(lanes, type);
  }
  e.write(s.operands[0], out);
  return true;
}

void addFloatOps(HandlerTable& table) {
  for (const char* op : {"fma", "rcp", "sqrt", "rsqrt", "sin", "cos", "lg2", "ex2", "tanh", "copysign"}) {
    table[op] = floatOnly(op);
  }
  table["testp"] = testp;
}

} // namespace kverify::simt::ptx
