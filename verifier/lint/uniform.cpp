#include "verifier/lint/uniform.h"

#include <algorithm>

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/PostDominators.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>

namespace kverify::verifier::lint {

namespace {

using Blocks = llvm::SmallPtrSet<const llvm::BasicBlock*, 16>;

/// What can be reached from `from` without passing `stop`.
Blocks reach(const llvm::BasicBlock* from, const llvm::BasicBlock* stop, const llvm::BasicBlock* origin) {
  Blocks seen;
  llvm::SmallVector<const llvm::BasicBlock*, 16> todo;
  auto add = [&](const llvm::BasicBlock* block) {
    if (block != stop && block != origin && seen.insert(block).second)
      todo.push_back(block);
  };
  add(from);
  while (!todo.empty())
    for (const llvm::BasicBlock* next : llvm::successors(todo.pop_back_val()))
      add(next);
  return seen;
}

bool isMultipleOf32(const llvm::Value* value, unsigned plus = 0) {
  const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value);
  return constant && constant->getValue().isIntN(31) && (constant->getZExtValue() + plus) % 32 == 0;
}

/// x / 32, x >> 5 and x & ~31 of a thread's number are a warp's own.
bool isWarpNumber(const llvm::Instruction& i, const Uniformity& uniform) {
  const auto* op = llvm::dyn_cast<llvm::BinaryOperator>(&i);
  if (!op || !isThreadNumber(*op->getOperand(0), uniform))
    return false;
  const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(op->getOperand(1));
  switch (op->getOpcode()) {
  case llvm::Instruction::UDiv:
  case llvm::Instruction::SDiv:
    return registerRead(*op->getOperand(1)) == "warpsize" ||
           (constant && !constant->isZero() && isMultipleOf32(constant));
  case llvm::Instruction::LShr:
  case llvm::Instruction::AShr: return constant && constant->getZExtValue() >= 5;
  case llvm::Instruction::And: return constant && (constant->getSExtValue() & 31) == 0;
  default: return false;
  }
}

/// tid < 32 and the like: whole warps take one side.
bool splitsBetweenWarps(const llvm::Instruction& i, const Uniformity& uniform) {
  const auto* compare = llvm::dyn_cast<llvm::ICmpInst>(&i);
  if (!compare || !isThreadNumber(*compare->getOperand(0), uniform))
    return false;
  using P = llvm::CmpInst;
  switch (compare->getPredicate()) {
  case P::ICMP_ULT:
  case P::ICMP_SLT:
  case P::ICMP_UGE:
  case P::ICMP_SGE:
    return isMultipleOf32(compare->getOperand(1)) || registerRead(*compare->getOperand(1)) == "warpsize";
  case P::ICMP_ULE:
  case P::ICMP_SLE:
  case P::ICMP_UGT:
  case P::ICMP_SGT: return isMultipleOf32(compare->getOperand(1), 1);
  default: return false;
  }
}

Spread ofAsm(const llvm::InlineAsm& text, Spread operands) {
  for (const char* word : {"%laneid", "%tid", "%lanemask", "%clock", "activemask", "elect", "ldmatrix", "atom."})
    if (text.getAsmString().find(word) != std::string::npos)
      return Spread::Lanes;
  return operands;
}

} // namespace

std::string registerRead(const llvm::Value& value) {
  const auto* call = llvm::dyn_cast<llvm::CallInst>(&value);
  const llvm::Function* callee = call ? call->getCalledFunction() : nullptr;
  if (!callee)
    return {};
  llvm::StringRef name = callee->getName();
  return name.consume_front("llvm.nvvm.read.ptx.sreg.") ? name.str() : std::string();
}

bool isThreadNumber(const llvm::Value& value, const Uniformity& uniform) {
  if (registerRead(value) == "tid.x")
    return true;
  if (const auto* cast = llvm::dyn_cast<llvm::CastInst>(&value))
    return isThreadNumber(*cast->getOperand(0), uniform);
  const auto* op = llvm::dyn_cast<llvm::BinaryOperator>(&value);
  if (!op || (op->getOpcode() != llvm::Instruction::Add && op->getOpcode() != llvm::Instruction::Or))
    return false;
  const llvm::Value *a = op->getOperand(0), *b = op->getOperand(1);
  return (uniform.of(a) != Spread::Lanes && isThreadNumber(*b, uniform)) ||
         (uniform.of(b) != Spread::Lanes && isThreadNumber(*a, uniform));
}

Uniformity::Uniformity(const llvm::Function& kernel) {
  auto& function = const_cast<llvm::Function&>(kernel); // the trees change nothing
  llvm::DominatorTree before(function);
  llvm::PostDominatorTree after(function);
  llvm::LoopInfo loops(before);
  bool changed = true;
  for (int round = 0; changed && round < 50; ++round) {
    changed = false;
    for (const llvm::Instruction& i : llvm::instructions(kernel)) {
      if (!i.getType()->isVoidTy())
        changed |= raise(&i, ruleOf(i));
      if (const auto* store = llvm::dyn_cast<llvm::StoreInst>(&i)) {
        const llvm::Value* array = llvm::getUnderlyingObject(store->getPointerOperand());
        if (llvm::isa<llvm::AllocaInst>(array))
          changed |= raise(array, std::max(of(store->getValueOperand()),
                                           keptFrom(i.getParent(), Spread::Warp) ? Spread::Lanes : Spread::Block));
      }
      bool branches = i.isTerminator() && i.getNumSuccessors() > 1;
      if (branches && of(i.getOperand(0)) != Spread::Block)
        changed |= spreadBranch(i, after);
    }
    // What a loop leaves behind depends on when a thread left it.
    for (const Divergence& one : divergences_)
      for (const llvm::Loop* loop = loops.getLoopFor(one.branch->getParent()); loop; loop = loop->getParentLoop()) {
        if (!loop->isLoopExiting(one.branch->getParent()))
          continue;
        for (const llvm::BasicBlock* block : loop->blocks())
          for (const llvm::Instruction& i : *block)
            for (const llvm::User* user : i.users())
              if (!loop->contains(llvm::cast<llvm::Instruction>(user)->getParent()))
                changed |= raise(user, one.spread);
      }
  }
}

bool Uniformity::raise(const llvm::Value* value, Spread spread) {
  Spread& known = spread_[value];
  if (spread <= known)
    return false;
  known = spread;
  return true;
}

Spread Uniformity::of(const llvm::Value* value) const {
  auto at = spread_.find(value);
  return at == spread_.end() ? Spread::Block : at->second;
}

Spread Uniformity::operands(const llvm::Instruction& instruction) const {
  Spread most = Spread::Block;
  for (const llvm::Use& operand : instruction.operands())
    most = std::max(most, of(operand.get()));
  return most;
}

Spread Uniformity::ruleOf(const llvm::Instruction& i) const {
  if (llvm::isa<llvm::AllocaInst>(i))
    return Spread::Block; // raised where something is stored
  if (const auto* load = llvm::dyn_cast<llvm::LoadInst>(&i)) {
    const llvm::Value* array = llvm::getUnderlyingObject(load->getPointerOperand());
    return llvm::isa<llvm::AllocaInst>(array) ? std::max(of(array), operands(i)) : operands(i);
  }
  if (llvm::isa<llvm::AtomicRMWInst>(i) || llvm::isa<llvm::AtomicCmpXchgInst>(i))
    return Spread::Lanes;
  if (const auto* call = llvm::dyn_cast<llvm::CallInst>(&i)) {
    if (const auto* text = llvm::dyn_cast<llvm::InlineAsm>(call->getCalledOperand()))
      return ofAsm(*text, operands(i));
    std::string name = registerRead(i);
    if (name == "tid.x" || name == "laneid" || name.starts_with("lanemask") || name.starts_with("clock"))
      return Spread::Lanes;
    if (name.starts_with("tid.") || name == "warpid")
      return Spread::Warp;
    llvm::StringRef callee = call->getCalledFunction() ? call->getCalledFunction()->getName() : "";
    if (callee.contains("vote") || callee.contains("redux"))
      return Spread::Warp;
    if (callee.contains("shfl.sync.idx"))
      return std::max(Spread::Warp, of(call->getArgOperand(2)));
    if (callee.contains("atomic") || callee.contains("activemask"))
      return Spread::Lanes;
    return operands(i);
  }
  if (isWarpNumber(i, *this) || splitsBetweenWarps(i, *this))
    return std::min(operands(i), Spread::Warp);
  return operands(i);
}

bool Uniformity::spreadBranch(const llvm::Instruction& branch, const llvm::PostDominatorTree& after) {
  Spread spread = of(branch.getOperand(0));
  auto known = std::find_if(divergences_.begin(), divergences_.end(),
                            [&](const Divergence& one) { return one.branch == &branch; });
  if (known != divergences_.end() && known->spread >= spread)
    return false;
  const llvm::BasicBlock* from = branch.getParent();
  const auto* node = after.getNode(from);
  const llvm::BasicBlock* meet = node && node->getIDom() ? node->getIDom()->getBlock() : nullptr;
  std::vector<Blocks> sides;
  Divergence one{&branch, spread, {}};
  for (const llvm::BasicBlock* next : llvm::successors(from)) {
    sides.push_back(reach(next, meet, from));
    one.blocks.insert(sides.back().begin(), sides.back().end());
  }
  // The branch's own block runs again for some threads only, where it is in a loop that the branch leaves.
  for (const llvm::BasicBlock* before : llvm::predecessors(from))
    if (one.blocks.count(before))
      one.blocks.insert(from);
  // Where the sides meet, values depend on the side. Which sides come to a block by an edge:
  auto sidesOf = [&](const llvm::BasicBlock* pred, const llvm::BasicBlock* block) {
    unsigned mask = 0;
    for (unsigned side = 0; side < sides.size(); ++side)
      if (sides[side].count(pred) || (pred == from && branch.getSuccessor(side) == block))
        mask |= 1u << std::min(side, 31u);
    return mask;
  };
  auto joins = [&](const llvm::BasicBlock* block) {
    unsigned first = 0;
    for (const llvm::BasicBlock* pred : llvm::predecessors(block)) {
      unsigned mask = sidesOf(pred, block);
      if (mask == 0)
        return false; // also reached from elsewhere: a loop's header
      if (first && mask != first)
        return true;
      first = mask;
    }
    return false;
  };
  auto mark = [&](const llvm::BasicBlock* block) {
    if (block && joins(block))
      for (const llvm::PHINode& phi : block->phis())
        if (!phi.hasConstantOrUndefValue())
          raise(&phi, spread);
  };
  for (const llvm::BasicBlock* block : one.blocks)
    mark(block);
  mark(meet);
  if (known != divergences_.end())
    *known = std::move(one);
  else
    divergences_.push_back(std::move(one));
  return true;
}

const Divergence* Uniformity::keptFrom(const llvm::BasicBlock* block, Spread least) const {
  const Divergence* outermost = nullptr;
  for (const Divergence& one : divergences_)
    if (one.spread >= least && one.blocks.count(block) &&
        (!outermost || one.blocks.size() > outermost->blocks.size()))
      outermost = &one;
  return outermost;
}

} // namespace kverify::verifier::lint
