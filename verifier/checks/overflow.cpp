// index.overflow: no integer on the way to an address, a guard or a loop bound leaves its type. Sound by the first
// violation in execution order: up to there every machine value is its term. Not complete: values that are meant to
// wrap (hashes) stay open.
#include <fmt/format.h>

#include "verifier/checks/context.h"

namespace kverify::verifier {

namespace {

void judge(Context& context, const NoWrap& one) {
  if (context.tooLate("index.overflow"))
    return;
  TermPool& pool = context.pool;
  Instance thread(pool, context.model, context.domain, 1, false, nullptr);
  TermPtr value = thread(one.value);
  if (value->op == Op::Const && value->value >= one.low && value->value <= one.high)
    return context.trivial("index.overflow", one.where);
  TermPtr inside = pool.both(pool.le(pool.constant(one.low), value), pool.le(value, pool.constant(one.high)));
  std::vector<TermPtr> all = {pool.negate(inside), thread(one.path)};
  for (TermPtr fact : thread.facts())
    all.push_back(fact);
  context.refuteAll("index.overflow", all, fmt::format("{} at {} may leave its type", one.what, place(one.where)),
                    one.where);
}

} // namespace

void checkOverflow(Context& context) {
  for (const NoWrap& one : context.domain.no_wrap)
    judge(context, one);
  for (const NoWrap& one : context.model.no_wrap)
    judge(context, one);
}

} // namespace kverify::verifier
