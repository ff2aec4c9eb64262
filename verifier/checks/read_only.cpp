// access.readonly-write: nothing is written to a tensor that the contract only lets be read. Sound; complete up to
// guards that no launch passes. What a read-only tensor holds may be relied upon (holds.cpp) only because of it.
#include <fmt/format.h>

#include "verifier/checks/context.h"

namespace kverify::verifier {

void checkReadOnly(Context& context) {
  TermPool& pool = context.pool;
  for (const Access& access : context.model.accesses) {
    const Place& where = context.domain.places[access.array];
    if (!where.tensor)
      continue;
    if (access.kind == AccessKind::Read || where.tensor->access != kverify::Access::Read) {
      context.trivial("access.readonly-write", access.where);
      continue;
    }
    Instance thread(pool, context.model, context.domain, 1, false, nullptr);
    std::vector<TermPtr> all = {thread(access.path)};
    for (TermPtr fact : thread.facts())
      all.push_back(fact);
    context.refuteAll("access.readonly-write", all,
                      fmt::format("'{}' is read only, and is written at {}", where.name, place(access.where)),
                      access.where);
  }
}

} // namespace kverify::verifier
