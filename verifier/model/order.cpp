// What is sure to run, and before what: for proofs that something has happened.
#include "verifier/model/builder.h"

namespace kverify::verifier {

// Like path(), the other way round: where this holds, in iterations that there are of the loops around, the block runs.
// A loop that can only be left to one place is left to it, since every loop ends: how it ended is not asked for, so
// that nothing has to be known of the values it ended with.
TermPtr ModelBuilder::surely(const llvm::BasicBlock* block) {
  auto found = surely_.find(block);
  if (found != surely_.end())
    return found->second;
  TermPtr all = pool_.boolean(block == &kernel_.getEntryBlock());
  for (const llvm::BasicBlock* from : llvm::predecessors(block)) {
    if (dominators_.dominates(block, from) || !dominators_.isReachableFromEntry(from))
      continue;
    const llvm::Loop* left = nullptr;
    for (const llvm::Loop* loop = loops_.getLoopFor(from); loop && !loop->contains(block); loop = loop->getParentLoop())
      left = loop;
    bool only_way = left && left->getUniqueExitBlock() == block && left->getLoopPreheader();
    TermPtr one = only_way ? surely(left->getLoopPreheader())
                           : leave(pool_.both(surely(from), edge(from, block)), from, block);
    all = pool_.either(all, one);
  }
  surely_[block] = all;
  return all;
}

void ModelBuilder::findStays() {
  for (const auto& [number, loop] : loops_by_number_) {
    const llvm::BasicBlock* latch = loop->getLoopLatch();
    model_.stays.push_back(latch ? pool_.both(surely(latch), edge(latch, loop->getHeader())) : nullptr);
  }
}

/// In one iteration of all the loops around both.
bool ModelBuilder::comesEarlier(const llvm::Instruction& a, const llvm::Instruction& b) const {
  const llvm::BasicBlock *first = a.getParent(), *second = b.getParent();
  if (first == second)
    return a.comesBefore(&b);
  const llvm::Loop* around = loops_.getLoopFor(first);
  while (around && !around->contains(second))
    around = around->getParentLoop();
  // A way that leaves this loop comes back only through its header. In a loop inside it there is at most one of the two,
  // so that no way leads back either.
  std::vector<const llvm::BasicBlock*> todo = {first};
  std::set<const llvm::BasicBlock*> seen;
  while (!todo.empty()) {
    const llvm::BasicBlock* block = todo.back();
    todo.pop_back();
    for (const llvm::BasicBlock* next : llvm::successors(block)) {
      if (around && next == around->getHeader())
        continue;
      if (next == second)
        return true;
      if (seen.insert(next).second)
        todo.push_back(next);
    }
  }
  return false;
}

void ModelBuilder::findOrder() {
  std::map<std::pair<const llvm::BasicBlock*, const llvm::BasicBlock*>, bool> known;
  auto isJudged = [&](const Access& access) {
    ArrayKind kind = model_.arrays[access.array].kind;
    return kind == ArrayKind::Shared || kind == ArrayKind::DynamicShared || kind == ArrayKind::Local;
  };
  for (const auto& [a, writes] : accesses_at_)
    for (const auto& [b, reads] : accesses_at_)
      for (unsigned write : writes)
        for (unsigned read : reads) {
          const Access &one = model_.accesses[write], &other = model_.accesses[read];
          if (a == b || one.kind == AccessKind::Read || other.kind == AccessKind::Write || !isJudged(one) ||
              !isJudged(other))
            continue;
          const llvm::BasicBlock *first = a->getParent(), *second = b->getParent();
          auto here = known.find({first, second});
          bool earlier = first != second && here != known.end() ? here->second : comesEarlier(*a, *b);
          known[{first, second}] = earlier;
          if (earlier)
            model_.earlier.insert({write, read});
        }
}

} // namespace kverify::verifier
