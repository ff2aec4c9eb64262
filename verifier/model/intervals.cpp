// Barrier intervals: what can run between a barrier and the next one, and in which iterations of the loops around.
#include <deque>

#include "verifier/model/builder.h"

namespace kverify::verifier {

namespace {
constexpr std::size_t kMostStates = 4096;
}

IntervalState ModelBuilder::stateAt(const llvm::BasicBlock* block) const {
  IntervalState state;
  state.current.assign(model_.loops, LoopPhase::Outside);
  state.left.assign(model_.loops, LoopPhase::Before);
  LoopSet around = block ? loopsAround(block) : 0;
  for (const auto& [loop, number] : loop_numbers_)
    if (around & barrier_loops_ & (LoopSet{1} << number))
      state.current[number] = LoopPhase::Start;
  return state;
}

namespace {
LoopPhase afterBackEdge(LoopPhase phase) {
  return phase == LoopPhase::Start ? LoopPhase::Next : LoopPhase::Any;
}
} // namespace

std::optional<IntervalState> ModelBuilder::cross(const IntervalState& state, const llvm::BasicBlock* from,
                                                 const llvm::BasicBlock* to) const {
  IntervalState next = state;
  LoopSet before = loopsAround(from), after = loopsAround(to);
  const llvm::Loop* target = loops_.getLoopFor(to);
  for (const auto& [loop, number] : loop_numbers_) {
    LoopSet one = LoopSet{1} << number;
    if (!(barrier_loops_ & one))
      continue;
    if ((before & one) && !(after & one)) {
      next.left[number] = state.current[number];
      next.current[number] = LoopPhase::Outside;
    } else if (!(before & one) && (after & one)) {
      next.current[number] = LoopPhase::Fresh;
    } else if ((before & one) && loop == target && loop->getHeader() == to) {
      next.current[number] = afterBackEdge(state.current[number]);
    }
  }
  return next;
}

Interval ModelBuilder::intervalFrom(const llvm::BasicBlock* block, const llvm::Instruction* barrier) {
  Interval interval;
  if (barrier)
    interval.start = locationOf(*barrier);
  using Place = std::pair<const llvm::BasicBlock*, IntervalState>;
  std::set<Place> seen;
  std::deque<std::pair<Place, const llvm::Instruction*>> todo;
  const llvm::Instruction* first = barrier ? barrier->getNextNode() : &block->front();
  todo.push_back({{block, stateAt(barrier ? block : nullptr)}, first});
  while (!todo.empty()) {
    auto [place, at] = todo.front();
    todo.pop_front();
    bool stopped = false;
    for (; at && !stopped; at = at->getNextNode()) {
      stopped = barriers_.count(at) > 0;
      auto here = accesses_at_.find(at);
      if (here != accesses_at_.end())
        for (unsigned access : here->second)
          interval.reached.push_back({access, place.second});
    }
    if (stopped)
      continue;
    for (const llvm::BasicBlock* next : llvm::successors(place.first)) {
      auto state = cross(place.second, place.first, next);
      if (seen.size() < kMostStates && seen.insert({next, *state}).second)
        todo.push_back({{next, *state}, &next->front()});
    }
    if (seen.size() >= kMostStates) {
      unsupported(block->front(), "too many ways through the loops between two barriers");
      return interval;
    }
  }
  return interval;
}

void ModelBuilder::findIntervals() {
  model_.intervals.push_back(intervalFrom(&kernel_.getEntryBlock(), nullptr));
  interval_of_[nullptr] = 0;
  for (const llvm::Instruction* barrier : barriers_) {
    interval_of_[barrier] = model_.intervals.size();
    model_.intervals.push_back(intervalFrom(barrier->getParent(), barrier));
  }
}

} // namespace kverify::verifier
