// atom and red.
#include <algorithm>

#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {
namespace {

using llvm::AtomicOrdering;
using llvm::AtomicRMWInst;
using llvm::Value;

struct Atomic {
  unsigned space = 0;
  Type type;
  unsigned count = 1;
  std::string op;
  AtomicOrdering ordering = AtomicOrdering::Monotonic;
  llvm::SyncScope::ID scope = llvm::SyncScope::System;
};

bool takeAtomic(Emitter& e, Mods& mods, Atomic& out) {
  const std::string space = mods.takeOneOf({"global", "shared", "shared::cta"});
  out.space = space == "global" ? 1 : space.empty() ? 0 : 3;
  mods.take("relaxed");
  if (mods.take("acquire"))
    out.ordering = AtomicOrdering::Acquire;
  if (mods.take("release"))
    out.ordering = AtomicOrdering::Release;
  if (mods.take("acq_rel"))
    out.ordering = AtomicOrdering::AcquireRelease;
  const std::string scope = mods.takeOneOf({"cta", "cluster", "gpu", "sys"});
  out.scope = e.b.getContext().getOrInsertSyncScopeID(scope == "cta" ? "block" : scope == "sys" ? "" : "device");
  out.op = mods.takeOneOf({"and", "or", "xor", "cas", "exch", "add", "inc", "dec", "min", "max"});
  mods.take("noftz");
  out.count = mods.take("v2") ? 2 : mods.take("v4") ? 4 : mods.take("v8") ? 8 : 1;
  mods.ignorePrefix("L2::");
  const auto type = mods.takeType();
  if (type)
    out.type = *type;
  return type && !out.op.empty();
}

std::optional<AtomicRMWInst::BinOp> integerOp(const Atomic& a) {
  const bool sign = a.type.isSigned();
  if (a.op == "and")
    return AtomicRMWInst::And;
  if (a.op == "or")
    return AtomicRMWInst::Or;
  if (a.op == "xor")
    return AtomicRMWInst::Xor;
  if (a.op == "exch")
    return AtomicRMWInst::Xchg;
  if (a.op == "add")
    return AtomicRMWInst::Add;
  if (a.op == "inc")
    return AtomicRMWInst::UIncWrap;
  if (a.op == "dec")
    return AtomicRMWInst::UDecWrap;
  if (a.op == "min")
    return sign ? AtomicRMWInst::Min : AtomicRMWInst::UMin;
  if (a.op == "max")
    return sign ? AtomicRMWInst::Max : AtomicRMWInst::UMax;
  return std::nullopt;
}

/// Half types, and minima: a compare-and-swap loop around the runtime's arithmetic.
Value* swapLoop(Emitter& e, const Atomic& a, Value* place, Value* operand) {
  auto* word = e.b.getIntNTy(a.type.width());
  const llvm::Align align(a.type.width() / 8);
  auto* first = e.b.CreateAlignedLoad(word, place, align);
  first->setAtomic(AtomicOrdering::Monotonic, a.scope);
  llvm::BasicBlock* before = e.b.GetInsertBlock();
  llvm::BasicBlock* after = e.rt.splitHere("asm.swapped");
  auto* loop = llvm::BasicBlock::Create(e.b.getContext(), "asm.swap", before->getParent(), after);
  e.b.CreateBr(loop);
  e.b.SetInsertPoint(loop);
  auto* old = e.b.CreatePHI(word, 2);
  old->addIncoming(first, before);
  std::vector<Value*> lanes;
  for (unsigned i = 0; i < a.type.lanes; ++i) {
    Value* x = a.type.kind == Type::Kind::Float ? e.asType(old, a.type) : e.lane(old, i, a.type);
    Value* y = a.type.kind == Type::Kind::Float ? e.asType(operand, a.type) : e.lane(operand, i, a.type);
    lanes.push_back(e.rt.call("kv_" + a.op + "_" + a.type.laneName(), e.laneType(a.type), {x, y, e.rt.flags(0)}));
  }
  Value* made = e.bits(e.pack(lanes, a.type));
  auto* swap = e.b.CreateAtomicCmpXchg(place, old, made, align, a.ordering, AtomicOrdering::Monotonic, a.scope);
  old->addIncoming(e.b.CreateExtractValue(swap, 0), loop);
  e.b.CreateCondBr(e.b.CreateExtractValue(swap, 1), after, loop);
  e.b.SetInsertPoint(after, after->begin());
  return old;
}

Value* exchange(Emitter& e, const Atomic& a, Value* place, Value* operand) {
  const llvm::Align align(a.type.width() / 8);
  if (a.type.kind == Type::Kind::Float && a.op == "add") {
    return e.bits(
        e.b.CreateAtomicRMW(AtomicRMWInst::FAdd, place, e.asType(operand, a.type), align, a.ordering, a.scope));
  }
  if (a.type.isFloat())
    return swapLoop(e, a, place, operand);
  const auto op = integerOp(a);
  return op ? e.b.CreateAtomicRMW(*op, place, operand, align, a.ordering, a.scope) : nullptr;
}

bool atomic(Emitter& e, const Statement& s, Mods& mods) {
  const bool returns = mods.opcode() == "atom";
  Atomic a;
  if (!takeAtomic(e, mods, a) || !mods.allTaken())
    return false;
  const std::size_t at = returns ? 1 : 0;
  const bool swap = a.op == "cas";
  // A cache policy may follow the operands.
  const std::size_t least = at + (swap ? 3 : 2);
  if (s.operands.size() < least || s.operands.size() > least + 1 || a.type.bits < 16)
    return false;
  Value* place = e.address(s.operands[at], a.space);
  if (!place)
    return false;
  if (a.count > 1) { // each element is atomic by itself
    const Operand& values = s.operands[at + 1];
    if (values.parts.size() != a.count || (returns && s.operands[0].parts.size() != a.count))
      return false;
    for (unsigned i = 0; i < a.count; ++i) {
      Value* element = e.b.CreateConstGEP1_32(e.b.getIntNTy(a.type.width()), place, i);
      Value* operand = e.read(values.parts[i], a.type.width());
      Value* old = operand ? exchange(e, a, element, operand) : nullptr;
      if (!old)
        return false;
      if (returns)
        e.write(s.operands[0].parts[i], old);
    }
    return true;
  }
  Value* operand = e.read(s.operands[at + 1], a.type.width());
  if (!operand)
    return false;
  Value* old = nullptr;
  if (swap) {
    Value* desired = e.read(s.operands[at + 2], a.type.width());
    if (!desired)
      return false;
    auto* pair = e.b.CreateAtomicCmpXchg(place, operand, desired, llvm::Align(a.type.width() / 8), a.ordering,
                                         AtomicOrdering::Monotonic, a.scope);
    old = e.b.CreateExtractValue(pair, 0);
  } else {
    old = exchange(e, a, place, operand);
  }
  if (!old)
    return false;
  if (returns)
    e.write(s.operands[0], old, a.type.isSigned());
  return true;
}

} // namespace

void addAtomicOps(HandlerTable& table) {
  table["atom"] = table["red"] = atomic;
}

} // namespace kverify::simt::ptx
