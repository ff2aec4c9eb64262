// Asynchronous copies between their issue and the wait of the thread that issued them. Until then a copy may touch its
// bytes at any time: it conflicts with every access of the barrier intervals it is under way in, also of its own
// thread. (Another thread's accesses in the interval of the wait itself still conflict: nothing orders them with it.)
//
// One copy is followed at a time, along every path, with the number of groups committed since: wait_group N lands it
// once more than N have been, its own included.
#include <deque>

#include "verifier/model/builder.h"

namespace kverify::verifier {

namespace {

constexpr std::size_t kMostStates = 20000;
constexpr unsigned kMostCommits = 64;

/// Back edges since the interval's start, or nothing for phases that are not counted from there.
std::optional<int> distance(LoopPhase phase) {
  switch (phase) {
  case LoopPhase::Start: return 0;
  case LoopPhase::Next: return 1;
  case LoopPhase::Back1: return -1;
  case LoopPhase::Back2: return -2;
  case LoopPhase::Back3: return -3;
  default: return std::nullopt;
  }
}

LoopPhase ago(int iterations) {
  static const LoopPhase phases[] = {LoopPhase::Start, LoopPhase::Back1, LoopPhase::Back2, LoopPhase::Back3};
  return iterations >= 0 && iterations <= 3 ? phases[iterations] : LoopPhase::Any;
}

/// A counter as of the copy's issue, said over the next interval's K (the counter now, `in_loop`) or E (the count when
/// the loop was last left). Phases are equalities between values, so that it does not matter which execution of the
/// loop they come from; what is not known to be equal to something is Any.
LoopPhase rebased(LoopPhase then, LoopPhase now, bool in_loop) {
  auto before = distance(then), after = distance(now);
  if (before && after)
    return in_loop ? ago(*after - *before) : *before == *after ? LoopPhase::Before : LoopPhase::Any;
  if (then == LoopPhase::Fresh)
    return in_loop && now == LoopPhase::Fresh ? LoopPhase::Start : LoopPhase::Fresh;
  if (then == LoopPhase::Before && now == LoopPhase::Before)
    return LoopPhase::Before;
  return LoopPhase::Any;
}

/// The copy's state at its issue, seen from the barrier that is reached in state `now`.
IntervalState acrossBarrier(const IntervalState& issued, const IntervalState& now) {
  IntervalState result = issued;
  for (std::size_t loop = 0; loop < issued.current.size(); ++loop) {
    bool in_loop = now.current[loop] != LoopPhase::Outside;
    if (issued.current[loop] != LoopPhase::Outside)
      result.current[loop] = rebased(issued.current[loop], in_loop ? now.current[loop] : now.left[loop], in_loop);
    result.left[loop] = rebased(issued.left[loop], now.left[loop], false);
  }
  return result;
}

struct Flight {
  const llvm::Instruction* copy = nullptr;
  IntervalState issued;
  unsigned commits = 0;
  auto operator<=>(const Flight&) const = default;
};

/// Somewhere in an interval: before `at` of its block.
struct Position {
  std::size_t interval = 0;
  const llvm::Instruction* at = nullptr;
  IntervalState now;
  Flight flight;
  auto operator<=>(const Position&) const = default;
};

} // namespace

void ModelBuilder::findFlights() {
  std::deque<Position> todo;
  std::set<Position> seen;
  auto push = [&](Position position) {
    if (position.at && seen.insert(position).second)
      todo.push_back(std::move(position));
  };
  for (std::size_t i = 0; i < model_.intervals.size(); ++i)
    for (const ReachedAccess& one : model_.intervals[i].reached)
      if (auto copy = copies_.find(one.access); copy != copies_.end())
        push({i, copy->second->getNextNode(), one.state, {copy->second, one.state, 0}});
  std::set<std::tuple<std::size_t, unsigned, IntervalState>> entered;
  std::set<std::tuple<std::size_t, unsigned, IntervalState, unsigned, IntervalState>> met;
  while (!todo.empty()) {
    if (seen.size() > kMostStates)
      return unsupported(*todo.front().at, "too many ways through the loops while an asynchronous copy is under way");
    Position here = todo.front();
    todo.pop_front();
    const std::vector<unsigned>& own = accesses_at_.at(here.flight.copy);
    Interval& interval = model_.intervals[here.interval];
    bool stopped = false;
    for (const llvm::Instruction* at = here.at; at && !stopped; at = at->getNextNode()) {
      if (auto others = accesses_at_.find(at); others != accesses_at_.end())
        for (unsigned other : others->second)
          for (unsigned copy : own)
            if (met.insert({here.interval, copy, here.flight.issued, other, here.now}).second)
              interval.own.push_back({{copy, here.flight.issued}, {other, here.now}});
      Sync sync = syncOf(*at);
      unsigned& commits = here.flight.commits;
      if (sync.kind == Sync::Kind::Commit) {
        commits = std::min(commits + 1, kMostCommits);
      } else if (sync.kind == Sync::Kind::WaitAll) {
        stopped = true;
      } else if (sync.kind == Sync::Kind::Wait) {
        const auto* left = llvm::dyn_cast<llvm::ConstantInt>(sync.operand);
        stopped = left && left->getValue().ult(commits);
      } else if (barriers_.count(at)) {
        stopped = true;
        std::size_t next = interval_of_.at(at);
        Flight flight{here.flight.copy, acrossBarrier(here.flight.issued, here.now), commits};
        for (unsigned copy : own)
          if (entered.insert({next, copy, flight.issued}).second)
            model_.intervals[next].in_flight.push_back({copy, flight.issued});
        push({next, at->getNextNode(), stateAt(at->getParent()), flight});
      }
    }
    if (stopped)
      continue;
    const llvm::BasicBlock* block = here.at->getParent();
    for (const llvm::BasicBlock* next : llvm::successors(block))
      push({here.interval, &next->front(), *cross(here.now, block, next), here.flight});
  }
}

} // namespace kverify::verifier
