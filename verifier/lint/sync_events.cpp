#include "verifier/lint/sync_events.h"

#include <deque>
#include <set>

#include <llvm/IR/CFG.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Instructions.h>

namespace kverify::verifier::lint {

namespace {

Sync ofAsm(llvm::StringRef text) {
  if (text.contains("cp.async.bulk") || text.contains("mbarrier") || text.contains("cp.async.mbarrier"))
    return Sync::AsyncObject;
  if (text.contains("cp.async.wait"))
    return Sync::AsyncWait;
  if (text.contains("cp.async.ca") || text.contains("cp.async.cg"))
    return Sync::AsyncCopy;
  if (text.contains("bar.warp.sync"))
    return Sync::WarpSync;
  if (text.contains("bar.sync") || text.contains("barrier.sync") || text.contains("bar.arrive") ||
      text.contains("barrier.cluster"))
    return Sync::NamedBarrier;
  return text.contains("shfl.sync") ? Sync::WarpExchange : Sync::None;
}

} // namespace

Sync syncOf(const llvm::Instruction& instruction) {
  const auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  if (!call)
    return Sync::None;
  if (const auto* text = llvm::dyn_cast<llvm::InlineAsm>(call->getCalledOperand()))
    return ofAsm(text->getAsmString());
  llvm::StringRef name = call->getCalledFunction() ? call->getCalledFunction()->getName() : "";
  if (!name.consume_front("llvm.nvvm."))
    return Sync::None;
  if (name == "barrier0" || name.starts_with("barrier0.") || name == "bar.sync")
    return Sync::BlockBarrier;
  if (name == "bar.warp.sync")
    return Sync::WarpSync;
  if (name.starts_with("barrier.sync") || name.starts_with("barrier") || name.starts_with("bar."))
    return Sync::NamedBarrier;
  if (name.starts_with("shfl.sync") || name.starts_with("vote") || name.starts_with("match.") ||
      name.starts_with("redux.sync"))
    return Sync::WarpExchange;
  if (name.starts_with("cp.async.wait"))
    return Sync::AsyncWait;
  if (name.starts_with("cp.async.ca") || name.starts_with("cp.async.cg"))
    return Sync::AsyncCopy;
  return name.starts_with("cp.async.bulk") || name.starts_with("mbarrier") || name.starts_with("cp.async.mbarrier")
             ? Sync::AsyncObject
             : Sync::None;
}

long long warpMaskOf(const llvm::Instruction& instruction) {
  const auto& call = llvm::cast<llvm::CallInst>(instruction);
  if (call.arg_size() == 0 || !call.getCalledFunction())
    return -1;
  // redux.sync takes its mask last, all others first.
  bool last = call.getCalledFunction()->getName().contains("redux");
  const auto* mask = llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(last ? call.arg_size() - 1 : 0));
  return mask ? static_cast<long long>(mask->getZExtValue() & 0xffffffffu) : -1;
}

void follow(const llvm::Instruction& from, llvm::function_ref<bool(const llvm::Instruction&, bool around)> visit) {
  auto& function = const_cast<llvm::Function&>(*from.getFunction());
  llvm::DominatorTree tree(function);
  struct Step {
    const llvm::Instruction* first;
    bool around;
  };
  std::deque<Step> todo = {{from.getNextNode(), false}};
  std::set<std::pair<const llvm::BasicBlock*, bool>> seen;
  while (!todo.empty()) {
    Step step = todo.front();
    todo.pop_front();
    bool goes_on = true;
    for (const llvm::Instruction* i = step.first; i && goes_on; i = i->getNextNode())
      goes_on = visit(*i, step.around);
    if (!goes_on)
      continue;
    const llvm::BasicBlock* block = step.first->getParent();
    for (const llvm::BasicBlock* next : llvm::successors(block)) {
      bool around = step.around || tree.dominates(next, block);
      if ((around && seen.count({next, false})) || !seen.insert({next, around}).second)
        continue;
      around ? todo.push_back({&next->front(), true}) : todo.push_front({&next->front(), false});
    }
  }
}

} // namespace kverify::verifier::lint
