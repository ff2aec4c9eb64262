// index.shift, arith.divide-by-zero, assert.failed, invariant.broken: what the code itself asks of its values, wherever
// it runs. Invariants are proved together, by induction over the visits of their loops' heads: assumed of the visits so
// far, shown of the next; one that does not follow is dropped, and the others are tried without it.
// Sound for launches in which index arithmetic does not wrap. Not complete: a value that was loaded, or that a loop
// changes in no regular way, may be anything.
#include <fmt/format.h>

#include "verifier/checks/context.h"

namespace kverify::verifier {

namespace {

constexpr const char* kBroken = "invariant.broken";

std::vector<TermPtr> impossible(Context& context, TermPtr truth, TermPtr path) {
  Instance thread(context.pool, context.model, context.domain, 1, false, nullptr);
  std::vector<TermPtr> all = {context.pool.negate(thread(truth)), thread(path)};
  for (TermPtr fact : thread.facts())
    all.push_back(fact);
  return all;
}

std::vector<TermPtr> atFirst(Context& context, const Invariant& one) {
  return impossible(context, one.first, one.entered);
}

std::vector<TermPtr> oneStepOn(Context& context, const Invariant& one) {
  return impossible(context, one.next, context.pool.both(one.repeats, one.now));
}

void judge(Context& context, const Invariant& one) {
  std::string what = fmt::format("kv_invariant({}) at {}", one.text, place(one.where));
  context.refuteAll(kBroken, atFirst(context, one), what + " may not hold when the loop begins (its base)", one.where);
  context.refuteAll(kBroken, oneStepOn(context, one), what + " may not be kept by an iteration (its step)", one.where);
}

/// `threads`: of one block, or of two. With or without what they require.
std::vector<TermPtr> together(Context& context, bool same_block, const Requirement& one, bool required) {
  TermPool& pool = context.pool;
  std::vector<TermPtr> all;
  TermPtr same = pool.boolean(true);
  Instance a(pool, context.model, context.domain, 1, same_block, nullptr);
  Instance b(pool, context.model, context.domain, 2, same_block, nullptr);
  for (char axis : {'x', 'y', 'z'})
    same = pool.both(same, pool.eq(a.index(same_block ? "tid" : "ctaid", axis), b.index(same_block ? "tid" : "ctaid", axis)));
  all.push_back(pool.negate(same));
  for (Instance* thread : {&a, &b}) {
    all.push_back((*thread)(one.path));
    if (required)
      all.push_back((*thread)(one.truth));
    for (TermPtr fact : thread->facts())
      all.push_back(fact);
  }
  return all;
}

std::vector<TermPtr> alone(Context& context, const Requirement& one, bool required) {
  Instance thread(context.pool, context.model, context.domain, 1, false, nullptr);
  std::vector<TermPtr> all = {thread(one.path)};
  if (required)
    all.push_back(thread(one.truth));
  for (TermPtr fact : thread.facts())
    all.push_back(fact);
  return all;
}

} // namespace

std::string impossibleRequirement(Context& context) {
  for (const Requirement& one : context.model.requirements) {
    // Who never gets there requires nothing; who gets there can't have it: no launch is left to judge.
    bool nobody = context.isImpossible(alone(context, one, true)) && !context.isImpossible(alone(context, one, false));
    for (bool same_block : {true, false})
      nobody = nobody || (context.isImpossible(together(context, same_block, one, true)) &&
                          !context.isImpossible(together(context, same_block, one, false)));
    if (nobody)
      return fmt::format("no launch gives what kv_requires({}) at {} requires", one.text, place(one.where));
  }
  return {};
}

void proveInvariants(Context& context, std::vector<Invariant>& invariants) {
  for (Invariant& one : invariants)
    one.holds = true; // of earlier visits
  for (bool dropped = true; dropped;) {
    dropped = false;
    for (Invariant& one : invariants) {
      if (!one.holds || (context.isImpossible(atFirst(context, one)) && context.isImpossible(oneStepOn(context, one))))
        continue;
      one.holds = false;
      dropped = true;
    }
  }
}

void checkClaims(Context& context) {
  TermPool& pool = context.pool;
  for (const Invariant& one : context.model.invariants)
    judge(context, one);
  for (const Claim& claim : context.model.claims) {
    if (!context.isJudged(claim.check))
      continue;
    if (claim.truth == pool.boolean(true))
      context.trivial(claim.check, claim.where);
    else
      context.refuteAll(claim.check, impossible(context, claim.truth, claim.path),
                        fmt::format("{} at {}", claim.what, place(claim.where)), claim.where);
  }
}

void addClaims(Context& context, std::map<std::string, bool>& holds) {
  for (const Claim& claim : context.model.claims) {
    if (claim.text.empty())
      continue;
    bool& all = holds.try_emplace(claim.text, true).first->second;
    all = all && (claim.truth == context.pool.boolean(true) ||
                  context.isImpossible(impossible(context, claim.truth, claim.path), context.options().obligation_ms));
  }
}

} // namespace kverify::verifier
