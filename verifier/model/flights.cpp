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
  std::vector<int> counts, ahead, entered; ///< see InFlight, OwnConflict
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

constexpr int kMostCount = 8;

/// K of the next interval, where it is a known number: of a loop entered in this one, or counted on from a known one.
std::vector<int> countsAfter(const std::vector<int>& counts, const IntervalState& now) {
  std::vector<int> result(counts.size(), -1);
  for (std::size_t loop = 0; loop < counts.size(); ++loop) {
    auto steps = distance(now.current[loop]);
    if (now.current[loop] == LoopPhase::Fresh)
      result[loop] = 0;
    else if (steps && counts[loop] >= 0 && counts[loop] + *steps <= kMostCount)
      result[loop] = counts[loop] + *steps;
  }
  return result;
}

/// What was found, once each.
class FlightLog {
public:
  explicit FlightLog(std::vector<Interval>& intervals) : intervals_(intervals) {}

  void own(std::size_t interval, const OwnConflict& one) {
    if (own_.insert({interval, one.copy.access, one.copy.state, one.other.access, one.other.state, one.counts,
                     one.ahead, one.entered})
            .second)
      intervals_[interval].own.push_back(one);
  }
  void inFlight(std::size_t interval, const InFlight& one) {
    if (entered_.insert({interval, one.copy.access, one.copy.state, one.counts}).second)
      intervals_[interval].in_flight.push_back(one);
  }

private:
  using Counts = std::vector<int>;
  std::vector<Interval>& intervals_;
  std::set<std::tuple<std::size_t, unsigned, IntervalState, Counts>> entered_;
  std::set<std::tuple<std::size_t, unsigned, IntervalState, unsigned, IntervalState, Counts, Counts, Counts>> own_;
};

} // namespace

/// Iterations, after one more edge: `count` starts at 0 where the edge enters a loop, if `from_entry`. A loop that was
/// left is another execution when it is met again.
void ModelBuilder::countIterations(std::vector<int>& count, bool from_entry, const llvm::BasicBlock* from,
                                   const llvm::BasicBlock* to) const {
  LoopSet before = loopsAround(from), after = loopsAround(to);
  const llvm::Loop* target = loops_.getLoopFor(to);
  for (const auto& [loop, number] : loop_numbers_) {
    LoopSet one = LoopSet{1} << number;
    bool was_in = (before & one) != 0, is_in = (after & one) != 0;
    if (was_in && !is_in)
      count[number] = -1;
    else if (!was_in && is_in && from_entry)
      count[number] = 0;
    else if (was_in && loop == target && loop->getHeader() == to && count[number] >= 0)
      count[number] = std::min(count[number] + 1, kFarAhead);
  }
}

void ModelBuilder::findFlights(const Meeting& meeting, std::vector<Interval>& intervals) {
  std::set<Position> seen;
  std::deque<Position> todo;
  FlightLog log(intervals);
  auto push = [&](Position position) {
    if (position.at && seen.insert(position).second)
      todo.push_back(std::move(position));
  };
  for (std::size_t i = 0; i < intervals.size(); ++i)
    for (const ReachedAccess& one : intervals[i].reached)
      if (auto copy = copies_.find(one.access); copy != copies_.end()) {
        std::vector<int> unknown(model_.loops, -1);
        Flight flight{copy->second, one.state, 0, unknown, unknown, unknown};
        for (std::size_t loop = 0; loop < model_.loops; ++loop)
          if (loopsAround(copy->second->getParent()) & (LoopSet{1} << loop))
            flight.ahead[loop] = 0;
        push({i, copy->second->getNextNode(), one.state, flight});
      }
  while (!todo.empty()) {
    if (seen.size() > kMostStates)
      return unsupported(*todo.front().at, "too many ways through the loops while an asynchronous copy is under way");
    Position here = todo.front();
    todo.pop_front();
    const std::vector<unsigned>& own = accesses_at_.find(here.flight.copy)->second;
    Flight& flight = here.flight;
    bool stopped = false;
    for (const llvm::Instruction* at = here.at; at && !stopped; at = at->getNextNode()) {
      if (auto others = accesses_at_.find(at); others != accesses_at_.end())
        for (unsigned other : others->second)
          for (unsigned copy : own)
            log.own(here.interval,
                    {{copy, flight.issued}, {other, here.now}, flight.counts, flight.ahead, flight.entered});
      Sync sync = syncOf(*at);
      if (sync.kind == Sync::Kind::Commit) {
        flight.commits = std::min(flight.commits + 1, kMostCommits);
      } else if (sync.kind == Sync::Kind::WaitAll) {
        stopped = true;
      } else if (sync.kind == Sync::Kind::Wait) {
        const auto* left = llvm::dyn_cast<llvm::ConstantInt>(sync.operand);
        stopped = left && left->getValue().ult(flight.commits);
      } else if (meeting.at(at)) {
        stopped = true;
        auto next = static_cast<std::size_t>(
            1 + (std::find(meeting.stops.begin(), meeting.stops.end(), at) - meeting.stops.begin()));
        Flight later = flight;
        later.issued = acrossBarrier(flight.issued, here.now);
        later.counts = countsAfter(flight.counts, here.now);
        for (unsigned copy : own)
          log.inFlight(next, {{copy, later.issued}, later.counts});
        push({next, at->getNextNode(), stateAt(meeting, at->getParent()), later});
      }
    }
    if (stopped)
      continue;
    const llvm::BasicBlock* block = here.at->getParent();
    for (const llvm::BasicBlock* next : llvm::successors(block)) {
      Flight later = flight;
      countIterations(later.ahead, false, block, next);
      countIterations(later.entered, true, block, next);
      push({here.interval, &next->front(), cross(meeting, here.now, block, next), later});
    }
  }
}

} // namespace kverify::verifier
