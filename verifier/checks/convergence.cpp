// barrier.divergent: all threads of a block agree on every branch that decides whether, or how often, a barrier is
// met. Sound for loops that end; by induction over the barriers, which the threads have met together so far.
#include <fmt/format.h>

#include "verifier/checks/context.h"

namespace kverify::verifier {

namespace {

TermPtr differentThreads(TermPool& pool, Instance& a, Instance& b) {
  TermPtr same = pool.boolean(true);
  for (char axis : {'x', 'y', 'z'})
    same = pool.both(same, pool.eq(a.index("tid", axis), b.index("tid", axis)));
  return pool.negate(same);
}

void judge(Context& context, const ControlsBarrier& branch) {
  TermPool& pool = context.pool;
  IntervalState here;
  here.current.assign(context.model.loops, LoopPhase::Outside);
  here.left.assign(context.model.loops, LoopPhase::Before);
  for (std::size_t loop = 0; loop < context.model.loops; ++loop)
    if (branch.loops & (LoopSet{1} << loop))
      here.current[loop] = LoopPhase::Start;
  Instance a(pool, context.model, context.domain, 1, true, &here);
  Instance b(pool, context.model, context.domain, 2, true, &here);
  TermPtr goes = a(branch.condition), stays = b(branch.condition);
  if (goes == stays)
    return context.trivial("barrier.divergent");
  std::vector<TermPtr> all = {a(branch.path), b(branch.path), goes, pool.negate(stays), differentThreads(pool, a, b)};
  for (Instance* one : {&a, &b})
    for (TermPtr fact : one->facts())
      all.push_back(fact);
  context.refuteAll("barrier.divergent", all,
                    fmt::format("threads of a block may disagree at the branch at {}, which decides about a barrier",
                                place(branch.where)),
                    branch.where);
}

} // namespace

void checkConvergence(Context& context) {
  if (context.model.barriers == 0)
    return;
  context.trivial("barrier.divergent");
  for (const ControlsBarrier& branch : context.model.controls)
    judge(context, branch);
}

} // namespace kverify::verifier
