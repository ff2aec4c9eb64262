// Barriers, fences, shuffles, votes and the other instructions that threads meet in.
#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;

Value* callVoid(Emitter& e, llvm::StringRef name, llvm::ArrayRef<Value*> args) {
  return e.rt.call(name, e.b.getVoidTy(), args);
}

bool barrierReduce(Emitter& e, const Statement& s, Mods& mods) {
  const std::string op = mods.takeOneOf({"popc", "and", "or"});
  const auto type = mods.takeType();
  if (!type || op.empty() || s.operands.size() < 3 || s.operands.size() > 4)
    return false;
  if (s.operands.size() == 4)
    return false; // a count: the executor reduces over the whole block
  Value *id = e.read(s.operands[1], 32), *predicate = e.read(s.operands.back(), 1);
  if (!id || !predicate)
    return false;
  Value* out = e.rt.call("kv_barrier_reduce", e.b.getInt32Ty(),
                         {id,
                          e.b.getInt32(op == "popc"  ? 0
                                       : op == "and" ? 1
                                                     : 2),
                          e.b.CreateZExt(predicate, e.b.getInt32Ty())});
  e.write(s.operands[0], op == "popc" ? out : e.b.CreateIsNotNull(out));
  return true;
}

// bar[.cta].sync a{, b}; bar.arrive a, b; bar.warp.sync mask; barrier.sync likewise.
bool barrier(Emitter& e, const Statement& s, Mods& mods) {
  mods.ignore({"cta", "aligned"});
  if (mods.take("warp")) {
    Value* mask = mods.take("sync") && s.operands.size() == 1 ? e.read(s.operands[0], 32) : nullptr;
    return mask && callVoid(e, "kv_syncwarp", {mask});
  }
  if (mods.take("red"))
    return barrierReduce(e, s, mods);
  const bool arrive = mods.take("arrive");
  if ((!arrive && !mods.take("sync")) || s.operands.empty() || s.operands.size() > 2)
    return false;
  Value* id = e.read(s.operands[0], 32);
  Value* count = s.operands.size() == 2 ? e.read(s.operands[1], 32) : e.b.getInt32(~0u);
  return id && count && callVoid(e, arrive ? "kv_barrier_arrive" : "kv_barrier", {id, count});
}

// Scopes as the executor counts them: 0 block, 1 device, 2 system.
bool fence(Emitter& e, const Statement&, Mods& mods) {
  mods.ignore({"sc", "acq_rel", "acquire", "release"});
  const std::string scope = mods.takeOneOf({"cta", "gl", "gpu", "sys"});
  if (scope.empty())
    return false;
  callVoid(e, "kv_fence", {e.b.getInt32(scope == "cta" ? 0 : scope == "sys" ? 2 : 1)});
  return true;
}

Value* predicateBuffer(Emitter& e, const Statement& s) {
  if (s.operands[0].pair.empty() || s.operands[0].pair == "_")
    return llvm::ConstantPointerNull::get(e.b.getPtrTy());
  return e.rt.buffer(e.b.getInt8Ty(), "asm.pred");
}

void writePredicate(Emitter& e, const Statement& s, Value* buffer) {
  if (s.operands[0].pair.empty() || s.operands[0].pair == "_")
    return;
  e.writeName(s.operands[0].pair, e.b.CreateIsNotNull(e.rt.load(e.b.getInt8Ty(), buffer)));
}

bool shuffle(Emitter& e, const Statement& s, Mods& mods) {
  const std::string mode = mods.takeOneOf({"up", "down", "bfly", "idx"});
  const auto type = mods.takeType();
  // The form without .sync is gone from sm_70 on.
  if (!mods.take("sync") || mode.empty() || !type || type->width() != 32 || s.operands.size() != 5)
    return false;
  std::vector<Value*> in;
  for (unsigned i = 1; i < 5; ++i) {
    in.push_back(e.read(s.operands[i], 32));
    if (!in.back())
      return false;
  }
  Value* predicate = predicateBuffer(e, s);
  const unsigned code = mode == "up" ? 0 : mode == "down" ? 1 : mode == "bfly" ? 2 : 3;
  e.write(s.operands[0],
          e.rt.call("kv_shfl", e.b.getInt32Ty(), {e.b.getInt32(code), in[3], in[0], in[1], in[2], predicate}));
  writePredicate(e, s, predicate);
  return true;
}

bool vote(Emitter& e, const Statement& s, Mods& mods) {
  const std::string mode = mods.takeOneOf({"all", "any", "uni", "ballot"});
  const auto type = mods.takeType();
  if (!mods.take("sync") || mode.empty() || !type || s.operands.size() != 3)
    return false;
  Value *predicate = e.read(s.operands[1], 1), *mask = e.read(s.operands[2], 32);
  if (!predicate || !mask)
    return false;
  const unsigned code = mode == "all" ? 0 : mode == "any" ? 1 : mode == "uni" ? 2 : 3;
  Value* out =
      e.rt.call("kv_vote", e.b.getInt32Ty(), {e.b.getInt32(code), mask, e.b.CreateZExt(predicate, e.b.getInt32Ty())});
  e.write(s.operands[0], code == 3 ? out : e.b.CreateIsNotNull(out));
  return true;
}

bool match(Emitter& e, const Statement& s, Mods& mods) {
  const std::string mode = mods.takeOneOf({"any", "all"});
  const auto type = mods.takeType();
  if (!mods.take("sync") || mode.empty() || !type || s.operands.size() != 3)
    return false;
  Value *value = e.read(s.operands[1], type->bits), *mask = e.read(s.operands[2], 32);
  if (!value || !mask)
    return false;
  Value* predicate = predicateBuffer(e, s);
  e.write(s.operands[0], e.rt.call("kv_match", e.b.getInt32Ty(),
                                   {e.b.getInt32(mode == "all"), mask, e.b.CreateZExt(value, e.b.getInt64Ty()),
                                    e.b.getInt32(type->bits), predicate}));
  writePredicate(e, s, predicate);
  return true;
}

bool activeMask(Emitter& e, const Statement& s, Mods& mods) {
  if (!mods.takeType() || s.operands.size() != 1)
    return false;
  e.write(s.operands[0], e.rt.call("kv_activemask", e.b.getInt32Ty(), {}));
  return true;
}

bool redux(Emitter& e, const Statement& s, Mods& mods) {
  const std::string op = mods.takeOneOf({"add", "min", "max", "and", "or", "xor"});
  const auto type = mods.takeType();
  if (!mods.take("sync") || op.empty() || !type || !type->isInteger() || s.operands.size() != 3)
    return false;
  Value *value = e.read(s.operands[1], 32), *mask = e.read(s.operands[2], 32);
  if (!value || !mask)
    return false;
  static const std::map<std::string, unsigned> kCodes = {{"add", 0}, {"min", 1}, {"max", 2},
                                                         {"and", 5}, {"or", 6},  {"xor", 7}};
  unsigned code = kCodes.at(op);
  if (type->isSigned() && (code == 1 || code == 2))
    code += 2;
  e.write(s.operands[0], e.rt.call("kv_redux", e.b.getInt32Ty(), {e.b.getInt32(code), mask, value}));
  return true;
}

// elect.sync d|p, mask: the lowest lane of the mask is chosen (PTX leaves the choice open; hardware takes the lowest).
bool elect(Emitter& e, const Statement& s, Mods& mods) {
  if (!mods.take("sync") || s.operands.size() != 2 || s.operands[0].pair.empty())
    return false;
  Value* mask = e.read(s.operands[1], 32);
  if (!mask)
    return false;
  callVoid(e, "kv_syncwarp", {mask});
  Value* leader = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, mask, e.b.getFalse());
  e.write(s.operands[0], leader);
  e.writeName(s.operands[0].pair, e.b.CreateICmpEQ(leader, e.rt.call("kv_lane_id", e.b.getInt32Ty(), {})));
  return true;
}

bool trap(Emitter& e, const Statement&, Mods&) {
  return callVoid(e, "kv_trap", {});
}

// Sleeping and debugger stops change no result, register budgets (setmaxnreg) neither; launches run one after another,
// so there is nothing to wait for between dependent grids (griddepcontrol).
bool nothing(Emitter&, const Statement&, Mods& mods) {
  mods.takeRest();
  return true;
}

} // namespace

void addWarpOps(HandlerTable& table) {
  table["bar"] = table["barrier"] = barrier;
  table["membar"] = table["fence"] = fence;
  table["shfl"] = shuffle;
  table["vote"] = vote;
  table["match"] = match;
  table["activemask"] = activeMask;
  table["redux"] = redux;
  table["elect"] = elect;
  table["trap"] = trap;
  table["brkpt"] = table["nanosleep"] = table["setmaxnreg"] = table["pmevent"] = table["griddepcontrol"] = nothing;
}

} // namespace kverify::simt::ptx
