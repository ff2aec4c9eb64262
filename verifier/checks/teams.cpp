#include "verifier/checks/teams.h"

#include "verifier/checks/holds.h"

namespace kverify::verifier {

namespace {

/// Is the thread's lane one of these?
TermPtr inLanes(TermPool& pool, TermPtr linear_thread, std::uint32_t lanes) {
  if (lanes == ~std::uint32_t{0})
    return pool.boolean(true);
  TermPtr lane = pool.floorMod(linear_thread, 32), any = pool.boolean(false);
  for (int first = 0; first < 32; ++first) {
    int end = first;
    while (end < 32 && ((lanes >> end) & 1) != 0)
      ++end;
    if (end > first)
      any = pool.either(any, pool.both(pool.le(pool.constant(first), lane), pool.lt(lane, pool.constant(end))));
    first = end;
  }
  return any;
}

} // namespace

TermPtr inLanes(Context& context, Instance& thread, std::uint32_t lanes) {
  return inLanes(context.pool, thread(context.model.linear_thread), lanes);
}

TermPtr inTeam(Context& context, const WarpTeam& team, Instance& a, Instance& b) {
  TermPool& pool = context.pool;
  TermPtr first = a(context.model.linear_thread), second = b(context.model.linear_thread);
  TermPtr same_warp = pool.eq(pool.floorDiv(first, 32), pool.floorDiv(second, 32));
  return pool.both(same_warp, pool.both(inLanes(pool, first, team.lanes), inLanes(pool, second, team.lanes)));
}

std::vector<TermPtr> disagreement(Context& context, const ControlsBarrier& branch, const LoopSet& loops,
                                  const WarpTeam* team) {
  TermPool& pool = context.pool;
  IntervalState here;
  here.current.assign(context.model.loops, LoopPhase::Outside);
  here.left.assign(context.model.loops, LoopPhase::Before);
  for (std::size_t loop = 0; loop < context.model.loops; ++loop)
    if (branch.loops & (LoopSet{1} << loop))
      here.current[loop] = LoopPhase::Start;
  Instance a(pool, context.model, context.domain, 1, true, &here, &loops);
  Instance b(pool, context.model, context.domain, 2, true, &here, &loops);
  TermPtr goes = a(branch.condition), stays = b(branch.condition);
  if (goes == stays)
    return {};
  TermPtr same = pool.boolean(true);
  for (char axis : {'x', 'y', 'z'})
    same = pool.both(same, pool.eq(a.index("tid", axis), b.index("tid", axis)));
  std::vector<TermPtr> all = {a(branch.path), b(branch.path), goes, pool.negate(stays), pool.negate(same)};
  if (team)
    all.push_back(inTeam(context, *team, a, b));
  addLoads(context, a, b, all);
  for (Instance* one : {&a, &b})
    for (TermPtr fact : one->facts())
      all.push_back(fact);
  return all;
}

std::vector<const WarpTeam*> meetingTeams(Context& context) {
  std::vector<const WarpTeam*> teams;
  for (const WarpTeam& team : context.model.warps) {
    bool agree = true;
    for (const ControlsBarrier& branch : team.controls) {
      if (!agree)
        break;
      std::vector<TermPtr> question = disagreement(context, branch, team.loops, &team);
      agree = question.empty() || context.isImpossible(question);
    }
    if (agree)
      teams.push_back(&team);
  }
  return teams;
}

} // namespace kverify::verifier
