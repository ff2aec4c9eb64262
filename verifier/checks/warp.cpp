// warp.divergent: every lane that a shuffle, vote, reduction, matrix operation or __syncwarp names is there, and only these
// are. Sound for loops that end, by induction over the operations at which the lanes have met so far. Not complete: masks
// that are computed stay unknown, and so do shuffles among a part of a warp, whose sources are not followed.
#include <fmt/format.h>

#include "verifier/checks/teams.h"

namespace kverify::verifier {

namespace {

constexpr const char* kCheck = "warp.divergent";
constexpr std::uint32_t kWholeWarp = ~std::uint32_t{0};

/// A thread that calls it is named by the mask.
void judgeCaller(Context& context, const WarpOp& op) {
  TermPool& pool = context.pool;
  Instance thread(pool, context.model, context.domain, 1, false, nullptr);
  std::vector<TermPtr> all = {thread(op.path), pool.negate(inLanes(context, thread, op.lanes))};
  for (TermPtr fact : thread.facts())
    all.push_back(fact);
  context.refuteAll(kCheck, all, fmt::format("the mask at {} may leave a lane out that calls", place(op.where)), op.where);
}

/// A shuffle reads from lanes that exist: the last warp of a block is a whole one.
void judgeSources(Context& context, const WarpOp& op) {
  TermPool& pool = context.pool;
  Instance thread(pool, context.model, context.domain, 1, false, nullptr);
  TermPtr threads = pool.constant(1);
  for (char axis : {'x', 'y', 'z'})
    threads = pool.mul(threads, context.domain.values.at(std::string("ntid.") + axis));
  TermPtr whole = pool.eq(pool.floorMod(threads, 32), pool.constant(0));
  if (whole == pool.boolean(true))
    return context.trivial(kCheck, op.where);
  std::vector<TermPtr> all = {thread(op.path), pool.negate(whole)};
  for (TermPtr fact : thread.facts())
    all.push_back(fact);
  context.refuteAll(kCheck, all, fmt::format("the shuffle at {} may read from a lane that the block does not have",
                                             place(op.where)), op.where);
}

void judgeOperation(Context& context, const WarpOp& op) {
  if (op.lanes == 0)
    return context.open(kCheck, {unknown_reason::unsupported,
                                 fmt::format("the mask at {} is computed: which lanes it names is not followed",
                                             place(op.where))});
  context.trivial(kCheck, op.where);
  if (op.lanes != kWholeWarp)
    judgeCaller(context, op);
  if (op.reads_lanes && op.lanes != kWholeWarp)
    context.open(kCheck, {"not proved", fmt::format("the shuffle at {} is among a part of a warp: which lanes it reads is "
                                                    "not followed", place(op.where))});
  else if (op.reads_lanes)
    judgeSources(context, op);
}

} // namespace

void checkWarpOps(Context& context) {
  for (const WarpOp& op : context.model.warp_ops)
    judgeOperation(context, op);
  for (const WarpTeam& team : context.model.warp_meetings)
    for (const ControlsBarrier& branch : team.controls) {
      std::vector<TermPtr> question = disagreement(context, branch, team.loops, &team);
      if (!question.empty())
        context.refuteAll(kCheck, question,
                          fmt::format("lanes of a warp may disagree at the branch at {}, which decides about an operation "
                                      "that names them", place(branch.where)), branch.where);
    }
}

} // namespace kverify::verifier
