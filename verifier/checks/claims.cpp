// index.shift, arith.divide-by-zero, assert.failed: what the code itself asks of its values, wherever it runs.
// Sound for launches in which index arithmetic does not wrap. Not complete: a value that was loaded, or that a loop
// changes in no regular way, may be anything.
#include <fmt/format.h>

#include "verifier/checks/context.h"

namespace kverify::verifier {

void checkClaims(Context& context) {
  TermPool& pool = context.pool;
  for (const Claim& claim : context.model.claims) {
    Instance thread(pool, context.model, context.domain, 1, false, nullptr);
    TermPtr truth = thread(claim.truth);
    if (truth == pool.boolean(true)) {
      context.trivial(claim.check);
      continue;
    }
    std::vector<TermPtr> all = {pool.negate(truth), thread(claim.path)};
    for (TermPtr fact : thread.facts())
      all.push_back(fact);
    context.refuteAll(claim.check, all, fmt::format("{} at {}", claim.what, place(claim.where)), claim.where);
  }
}

} // namespace kverify::verifier
