// Path conditions: what holds whenever a block runs, over the values of that very pass through the code.
#include <llvm/Analysis/PostDominators.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;

TermPtr ModelBuilder::edge(const llvm::BasicBlock* from, const llvm::BasicBlock* to) {
  const llvm::Instruction* end = from->getTerminator();
  if (const auto* branch = dyn_cast<llvm::BranchInst>(end)) {
    if (branch->isUnconditional() || branch->getSuccessor(0) == branch->getSuccessor(1))
      return pool_.boolean(true);
    TermPtr condition = value(branch->getCondition(), from);
    return branch->getSuccessor(0) == to ? condition : pool_.negate(condition);
  }
  const auto* choice = dyn_cast<llvm::SwitchInst>(end);
  if (!choice)
    return pool_.boolean(true);
  TermPtr subject = value(choice->getCondition(), from);
  TermPtr any_case = pool_.boolean(false), this_case = pool_.boolean(false);
  for (const auto& one : choice->cases()) {
    TermPtr hit = pool_.eq(subject, value(one.getCaseValue(), from));
    any_case = pool_.either(any_case, hit);
    if (one.getCaseSuccessor() == to)
      this_case = pool_.either(this_case, hit);
  }
  return choice->getDefaultDest() == to ? pool_.either(this_case, pool_.negate(any_case)) : this_case;
}

// Back edges are left out: what held in earlier iterations says nothing about this one's values.
TermPtr ModelBuilder::path(const llvm::BasicBlock* block) {
  auto found = paths_.find(block);
  if (found != paths_.end())
    return found->second;
  TermPtr all = pool_.boolean(block == &kernel_.getEntryBlock());
  for (const llvm::BasicBlock* from : llvm::predecessors(block)) {
    if (dominators_.dominates(block, from) || !dominators_.isReachableFromEntry(from))
      continue;
    TermPtr behind = pool_.both(path(from), knownBehind(from));
    TermPtr one = leave(pool_.both(behind, edge(from, block)), from, block);
    all = pool_.either(all, one);
  }
  paths_[block] = all;
  return all;
}

namespace {

using Blocks = std::set<const llvm::BasicBlock*>;

/// Branching blocks that decide whether, or how often, one of `wanted` runs.
Blocks controlling(const llvm::Function& kernel, const llvm::PostDominatorTree& after, Blocks wanted) {
  Blocks found;
  for (bool grew = true; grew;) {
    grew = false;
    for (const llvm::BasicBlock& block : kernel) {
      if (found.count(&block) || block.getTerminator()->getNumSuccessors() < 2)
        continue;
      for (const llvm::BasicBlock* target : wanted) {
        bool by_some = false;
        for (const llvm::BasicBlock* next : llvm::successors(&block))
          by_some = by_some || after.dominates(target, next);
        if (!by_some || after.properlyDominates(target, &block))
          continue;
        found.insert(&block);
        break;
      }
      if (found.count(&block))
        grew = wanted.insert(&block).second || grew;
    }
  }
  return found;
}

} // namespace

// Besides the stops' blocks also the headers of loops around them: every thread has to count the same iterations.
std::vector<ControlsBarrier> ModelBuilder::controlsOf(const Meeting& meeting) {
  std::vector<ControlsBarrier> controls;
  Blocks wanted, exiting_blocks;
  for (const llvm::Instruction* stop : meeting.stops)
    wanted.insert(stop->getParent());
  for (const auto& [loop, number] : loop_numbers_) {
    if (!(meeting.loops & (LoopSet{1} << number)))
      continue;
    wanted.insert(loop->getHeader());
    llvm::SmallVector<llvm::BasicBlock*, 8> exiting;
    loop->getExitingBlocks(exiting);
    exiting_blocks.insert(exiting.begin(), exiting.end());
  }
  if (wanted.empty())
    return controls;
  wanted.insert(exiting_blocks.begin(), exiting_blocks.end());
  llvm::PostDominatorTree after(kernel_);
  auto add = [&](const llvm::BasicBlock* block) {
    for (const llvm::BasicBlock* next : llvm::successors(block))
      controls.push_back({edge(block, next), path(block), loopsAround(block), locationOf(*block->getTerminator())});
  };
  // An exiting block of such a loop decides how often it runs, whatever the tree above says.
  for (const Blocks& blocks : {controlling(kernel_, after, wanted), exiting_blocks})
    for (const llvm::BasicBlock& block : kernel_) // in the kernel's order, the same every time
      if (blocks.count(&block))
        add(&block);
  return controls;
}

} // namespace kverify::verifier
