// barrier.divergent: all threads of a block agree on every branch that decides whether, or how often, a barrier is
// met. Sound for loops that end; by induction over the barriers, which the threads have met together so far.
#include <fmt/format.h>

#include "verifier/checks/teams.h"

namespace kverify::verifier {

namespace {

void judge(Context& context, const ControlsBarrier& branch) {
  std::vector<TermPtr> question = disagreement(context, branch, context.model.barrier_loops, nullptr);
  if (question.empty())
    return context.trivial("barrier.divergent", branch.where);
  context.refuteAll("barrier.divergent", question,
                    fmt::format("threads of a block may disagree at the branch at {}, which decides about a barrier",
                                place(branch.where)),
                    branch.where);
}

/// A barrier that names its number of threads is one of the whole block, or not understood.
void judgeCount(Context& context, const BarrierCount& barrier) {
  TermPool& pool = context.pool;
  Instance thread(pool, context.model, context.domain, 1, true, nullptr);
  TermPtr all_threads = pool.constant(1);
  for (char axis : {'x', 'y', 'z'})
    all_threads = pool.mul(all_threads, context.domain.values.at(std::string("ntid.") + axis));
  std::vector<TermPtr> all = {thread(barrier.path), pool.negate(pool.eq(thread(barrier.threads), all_threads))};
  for (TermPtr fact : thread.facts())
    all.push_back(fact);
  context.refuteAll("barrier.divergent", all,
                    fmt::format("the barrier at {} may not be one of all threads of a block", place(barrier.where)),
                    barrier.where);
}

} // namespace

void checkConvergence(Context& context) {
  for (const SourceLocation& where : context.model.partial_barriers)
    context.open("barrier.divergent",
                 {unknown_reason::unsupported,
                  fmt::format("who waits for whom at the named barrier at {} is not followed", place(where))});
  if (context.model.barriers == 0)
    return;
  context.trivial("barrier.divergent");
  for (const ControlsBarrier& branch : context.model.controls)
    judge(context, branch);
  for (const BarrierCount& barrier : context.model.barrier_counts)
    judgeCount(context, barrier);
}

} // namespace kverify::verifier
