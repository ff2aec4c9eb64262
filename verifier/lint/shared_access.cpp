#include "verifier/lint/shared_access.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include "verifier/lint/sync_events.h"

namespace kverify::verifier::lint {

namespace {

/// Parts of one dynamic array that lie further apart than this are taken for different arrays.
constexpr std::int64_t kNear = 64;

using Terms = std::map<const llvm::Value*, std::int64_t>;

const llvm::Loop* commonLoop(const llvm::Instruction& a, const llvm::Instruction& b, const llvm::LoopInfo& loops) {
  const llvm::Loop* loop = loops.getLoopFor(a.getParent());
  while (loop && !loop->contains(b.getParent()))
    loop = loop->getParentLoop();
  return loop;
}

bool variesIn(const llvm::Value* atom, const llvm::Loop* loop) {
  const auto* instruction = llvm::dyn_cast<llvm::Instruction>(atom);
  for (; loop && instruction; loop = loop->getParentLoop())
    if (loop->contains(instruction->getParent()))
      return true;
  return false;
}

/// Does it change from one iteration of `around`, or of a loop around that, to the next? Counters of loops inside do not
/// count.
bool countsIn(const llvm::Value* atom, const llvm::Loop* around, const llvm::LoopInfo& loops, int depth = 8) {
  const auto* instruction = llvm::dyn_cast<llvm::Instruction>(atom);
  if (!instruction || !around)
    return false;
  const llvm::Loop* own = loops.getLoopFor(instruction->getParent());
  if (!own || depth == 0)
    return depth == 0;
  if (llvm::isa<llvm::PHINode>(instruction) || instruction->mayReadFromMemory())
    return own->contains(around);
  return std::any_of(instruction->op_begin(), instruction->op_end(),
                     [&](const llvm::Use& use) { return countsIn(use.get(), around, loops, depth - 1); });
}

/// Terms of one that are not in the other.
Terms without(const Terms& all, const Terms& others) {
  Terms kept;
  for (const auto& [atom, factor] : all) {
    auto other = others.find(atom);
    if (other == others.end() || other->second != factor)
      kept.emplace(atom, factor);
  }
  return kept;
}

/// An equality with the thread's number keeps all but one thread away from both.
bool sameSingleThread(const SharedAccess& a, const SharedAccess& b, const Uniformity& uniform) {
  for (const Divergence& one : uniform.divergences()) {
    if (!one.blocks.count(a.at->getParent()) || !one.blocks.count(b.at->getParent()))
      continue;
    const auto* compare = llvm::dyn_cast<llvm::ICmpInst>(one.branch->getOperand(0));
    if (compare && compare->isEquality())
      return true;
  }
  return false;
}

/// Threads times a size somewhere: each row of threads has a part of the buffer of its own.
bool multipliesSizes(const llvm::Value* value, int depth = 4) {
  const auto* op = llvm::dyn_cast<llvm::BinaryOperator>(value);
  if (!op || depth == 0)
    return false;
  bool constant = llvm::isa<llvm::Constant>(op->getOperand(0)) || llvm::isa<llvm::Constant>(op->getOperand(1));
  return (op->getOpcode() == llvm::Instruction::Mul && !constant) || multipliesSizes(op->getOperand(0), depth - 1) ||
         multipliesSizes(op->getOperand(1), depth - 1);
}

/// The thread that a condition of equality lets through: tid.x == 3; or nothing.
std::optional<std::int64_t> onlyThread(const SharedAccess& access, const Uniformity& uniform) {
  for (const Divergence& one : uniform.divergences()) {
    const auto* compare = llvm::dyn_cast<llvm::ICmpInst>(one.branch->getOperand(0));
    if (!compare || compare->getPredicate() != llvm::CmpInst::ICMP_EQ || !one.blocks.count(access.at->getParent()))
      continue;
    const auto* number = llvm::dyn_cast<llvm::ConstantInt>(compare->getOperand(1));
    if (number && registerRead(*compare->getOperand(0)) == "tid.x")
      return number->getSExtValue();
  }
  return std::nullopt;
}

/// Both run only in the threads whose number is below this: `if (tid < 32)`; or 0.
std::int64_t threadsThatCome(const SharedAccess& a, const SharedAccess& b, const Uniformity& uniform) {
  std::int64_t least = 0;
  for (const Divergence& one : uniform.divergences()) {
    const auto* compare = llvm::dyn_cast<llvm::ICmpInst>(one.branch->getOperand(0));
    const auto* number = compare ? llvm::dyn_cast<llvm::ConstantInt>(compare->getOperand(1)) : nullptr;
    if (!number || !one.blocks.count(a.at->getParent()) || !one.blocks.count(b.at->getParent()) ||
        registerRead(*compare->getOperand(0)) != "tid.x")
      continue;
    bool below = compare->getPredicate() == llvm::CmpInst::ICMP_ULT || compare->getPredicate() == llvm::CmpInst::ICMP_SLT;
    if (below && (least == 0 || number->getSExtValue() < least))
      least = number->getSExtValue();
  }
  return least;
}

/// One thread reads the element that it stored itself, as the one of that number.
bool readsItsOwn(const SharedAccess& store, const SharedAccess& load, const Uniformity& uniform) {
  std::optional<std::int64_t> thread = onlyThread(load, uniform);
  if (!thread || store.address.terms.size() != 1 || !load.address.terms.empty())
    return false;
  const auto& [atom, factor] = *store.address.terms.begin();
  return registerRead(*atom) == "tid.x" && store.address.bytes + factor * *thread == load.address.bytes;
}

SharedAccess& add(std::vector<SharedAccess>& all, const llvm::Instruction& at, const llvm::Value& pointer, bool is_store,
                  unsigned bytes) {
  static SharedAccess elsewhere;
  SharedAccess access;
  access.at = &at;
  access.is_store = is_store;
  access.bytes = bytes;
  access.address = pointer.getType()->isPointerTy() ? addressOf(pointer, at.getDataLayout())
                                                    : sumOf(pointer, at.getDataLayout());
  access.array = sharedArray(access.address);
  if (!access.array)
    return elsewhere;
  all.push_back(std::move(access));
  return all.back();
}

unsigned sizeOf(const llvm::Type* type, const llvm::DataLayout& layout) {
  return static_cast<unsigned>(layout.getTypeStoreSize(const_cast<llvm::Type*>(type)).getFixedValue());
}

} // namespace

std::vector<SharedAccess> sharedAccesses(const KernelCode& kernel, const Uniformity& uniform) {
  std::vector<SharedAccess> all;
  const llvm::DataLayout& layout = kernel.function->getDataLayout();
  for (const llvm::Instruction& i : llvm::instructions(*kernel.function)) {
    if (const auto* load = llvm::dyn_cast<llvm::LoadInst>(&i)) {
      add(all, i, *load->getPointerOperand(), false, sizeOf(load->getType(), layout)).is_volatile = load->isVolatile();
    } else if (const auto* store = llvm::dyn_cast<llvm::StoreInst>(&i)) {
      unsigned bytes = sizeOf(store->getValueOperand()->getType(), layout);
      add(all, i, *store->getPointerOperand(), true, bytes).is_volatile = store->isVolatile();
    } else if (const auto* copy = llvm::dyn_cast<llvm::MemTransferInst>(&i)) {
      const auto* length = llvm::dyn_cast<llvm::ConstantInt>(copy->getLength());
      unsigned bytes = length ? static_cast<unsigned>(length->getZExtValue()) : 0;
      add(all, i, *copy->getRawDest(), true, bytes);
      add(all, i, *copy->getRawSource(), false, bytes);
    } else if (syncOf(i) == Sync::AsyncCopy) {
      const auto& call = llvm::cast<llvm::CallInst>(i);
      llvm::StringRef name = call.getCalledFunction() ? call.getCalledFunction()->getName() : "";
      unsigned bytes = name.ends_with(".4") ? 4 : name.ends_with(".8") ? 8 : 16;
      if (call.arg_size() > 0)
        add(all, i, *call.getArgOperand(0), true, bytes).is_async = true;
    }
  }
  SameValues same;
  for (SharedAccess& access : all) {
    std::map<const llvm::Value*, std::int64_t> terms;
    for (const auto& [atom, factor] : access.address.terms)
      terms[uniform.of(atom) == Spread::Block ? atom : same.firstOf(atom)] += factor;
    access.address.terms = std::move(terms);
  }
  return all;
}

Conflict conflictOf(const SharedAccess& store, const SharedAccess& load, const Uniformity& uniform,
                    const llvm::LoopInfo& loops, bool later) {
  if (store.array != load.array)
    return Conflict::No;
  if (sameSingleThread(store, load, uniform) || readsItsOwn(store, load, uniform))
    return Conflict::No;
  Terms store_varies = termsOf(store.address, uniform, true), load_varies = termsOf(load.address, uniform, true);
  Terms store_same = termsOf(store.address, uniform, false), load_same = termsOf(load.address, uniform, false);
  Terms only_store = without(store_same, load_same), only_load = without(load_same, store_same);
  const llvm::Loop* around = commonLoop(*store.at, *load.at, loops);
  std::int64_t apart = std::abs(load.address.bytes - store.address.bytes);
  auto changes = [&](const Terms& terms) {
    return std::any_of(terms.begin(), terms.end(), [&](const auto& term) { return countsIn(term.first, around, loops); });
  };
  auto fixed = [&](const Terms& terms) { // no counter of any loop: a part of the array
    return std::any_of(terms.begin(), terms.end(),
                       [&](const auto& term) { return !variesIn(term.first, loops.getLoopFor(store.at->getParent())) &&
                                                      !variesIn(term.first, loops.getLoopFor(load.at->getParent())); });
  };
  if (later && changes(store.address.terms))
    return Conflict::Unclear; // the place moves on with the loop
  if (fixed(only_store) || fixed(only_load))
    return Conflict::Unclear; // two parts of one buffer, at offsets that are sizes
  if (store_varies == load_varies) {
    std::int64_t delta = load.address.bytes - store.address.bytes;
    bool own = delta < std::int64_t{store.bytes} && -delta < std::int64_t{load.bytes};
    if (only_store.empty() && only_load.empty() && own)
      return store_varies.empty() && uniform.keptFrom(store.at->getParent(), Spread::Warp) &&
                     !uniform.keptFrom(load.at->getParent(), Spread::Warp)
                 ? Conflict::Likely // one thread writes what all read
                 : Conflict::No;
    bool unit = store_varies.size() == 1 && std::abs(store_varies.begin()->second) == store.bytes;
    if (unit && apart <= kNear && only_store.empty())
      return Conflict::Likely; // a neighbour's element
    if (unit && only_store.empty() && only_load.empty() && apart < threadsThatCome(store, load, uniform) * store.bytes)
      return Conflict::Likely; // the element of another of the threads that come
    return Conflict::Unclear;
  }
  bool is_dynamic = llvm::cast<llvm::GlobalVariable>(store.array)->isDeclaration();
  if (changes(only_store) || changes(only_load))
    return Conflict::Unclear; // perhaps the other half of a double buffer
  auto has_part = [&](const Terms& terms) {
    return std::any_of(terms.begin(), terms.end(), [&](const auto& term) { return multipliesSizes(term.first); });
  };
  bool is_carved = is_dynamic && (has_part(store_varies) || has_part(load_varies));
  return is_carved || (is_dynamic && apart > kNear) ? Conflict::Unclear : Conflict::Likely;
}

} // namespace kverify::verifier::lint
