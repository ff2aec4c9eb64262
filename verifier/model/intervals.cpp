// Barrier intervals: what can run between a barrier and the next one, and in which iterations of the loops around.
#include <deque>

#include "verifier/model/builder.h"

namespace kverify::verifier {

namespace {
constexpr std::size_t kMostStates = 4096;
}

IntervalState ModelBuilder::stateAt(const Meeting& meeting, const llvm::BasicBlock* block) const {
  IntervalState state;
  state.current.assign(model_.loops, LoopPhase::Outside);
  state.left.assign(model_.loops, LoopPhase::Before);
  LoopSet around = block ? loopsAround(block) : 0;
  for (const auto& [loop, number] : loop_numbers_)
    if (around & meeting.loops & (LoopSet{1} << number))
      state.current[number] = LoopPhase::Start;
  return state;
}

namespace {
LoopPhase afterBackEdge(LoopPhase phase) {
  return phase == LoopPhase::Start ? LoopPhase::Next : LoopPhase::Any;
}
} // namespace

IntervalState ModelBuilder::cross(const Meeting& meeting, const IntervalState& state, const llvm::BasicBlock* from,
                                  const llvm::BasicBlock* to) const {
  IntervalState next = state;
  LoopSet before = loopsAround(from), after = loopsAround(to);
  const llvm::Loop* target = loops_.getLoopFor(to);
  for (const auto& [loop, number] : loop_numbers_) {
    LoopSet one = LoopSet{1} << number;
    if (!(meeting.loops & one))
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

Interval ModelBuilder::intervalFrom(const Meeting& meeting, const llvm::BasicBlock* block,
                                    const llvm::Instruction* stop) {
  Interval interval;
  if (stop)
    interval.start = locationOf(*stop);
  using Place = std::pair<const llvm::BasicBlock*, IntervalState>;
  std::set<Place> seen;
  std::deque<std::pair<Place, const llvm::Instruction*>> todo;
  const llvm::Instruction* first = stop ? stop->getNextNode() : &block->front();
  todo.push_back({{block, stateAt(meeting, stop ? block : nullptr)}, first});
  while (!todo.empty() && !late()) {
    auto [place, at] = todo.front();
    todo.pop_front();
    bool stopped = false;
    for (; at && !stopped; at = at->getNextNode()) {
      stopped = meeting.at(at);
      auto here = accesses_at_.find(at);
      if (here != accesses_at_.end())
        for (unsigned access : here->second)
          interval.reached.push_back({access, place.second});
    }
    if (stopped)
      continue;
    for (const llvm::BasicBlock* next : llvm::successors(place.first)) {
      IntervalState state = cross(meeting, place.second, place.first, next);
      if (seen.size() < kMostStates && seen.insert({next, state}).second)
        todo.push_back({{next, state}, &next->front()});
    }
    if (seen.size() >= kMostStates) {
      unsupported(block->front(), "too many ways through the loops between two barriers");
      return interval;
    }
  }
  return interval;
}

/// The first is that of the kernel's start, then one a stop.
std::vector<Interval> ModelBuilder::intervalsOf(const Meeting& meeting) {
  std::vector<Interval> intervals = {intervalFrom(meeting, &kernel_.getEntryBlock(), nullptr)};
  for (const llvm::Instruction* stop : meeting.stops)
    intervals.push_back(intervalFrom(meeting, stop->getParent(), stop));
  findFlights(meeting, intervals);
  return intervals;
}

Meeting ModelBuilder::meetingAt(const std::function<bool(const llvm::Instruction&)>& stops) const {
  Meeting meeting;
  for (const llvm::BasicBlock& block : kernel_)
    for (const llvm::Instruction& instruction : block)
      if (dominators_.isReachableFromEntry(&block) && stops(instruction)) {
        meeting.stops.push_back(&instruction);
        meeting.loops |= loopsAround(&block);
      }
  return meeting;
}

namespace {

/// The lanes that a __syncwarp orders, where the code says so: an unknown mask orders nothing.
std::uint32_t lanesOf(const llvm::Instruction& instruction) {
  Sync sync = syncOf(instruction);
  const auto* mask = sync.kind == Sync::Kind::Warp ? llvm::dyn_cast<llvm::ConstantInt>(sync.operand) : nullptr;
  return mask ? static_cast<std::uint32_t>(mask->getZExtValue()) : 0;
}

} // namespace

// A team for each mask: two lanes of it are parted by every sync that names them both. Lockstep parts nothing.
void ModelBuilder::findWarpTeams() {
  constexpr std::size_t most_teams = 4;
  std::set<std::pair<int, std::uint32_t>> masks; // few lanes first
  for (const llvm::BasicBlock& block : kernel_)
    for (const llvm::Instruction& instruction : block)
      if (std::uint32_t lanes = lanesOf(instruction))
        masks.insert({llvm::popcount(lanes), lanes});
  if (masks.size() > most_teams)
    return;
  for (const auto& [count, lanes] : masks) {
    WarpTeam team;
    team.lanes = lanes;
    Meeting meeting = meetingAt([&, mask = lanes](const llvm::Instruction& instruction) {
      return barriers_.at(&instruction) || (mask & ~lanesOf(instruction)) == 0;
    });
    team.loops = meeting.loops;
    team.controls = controlsOf(meeting);
    team.intervals = intervalsOf(meeting);
    model_.warps.push_back(std::move(team));
  }
}

} // namespace kverify::verifier
