// bounds.*: every access stays inside its allocation (the flat one: rows of a tensor are not told apart). Sound for
// launches in which index arithmetic does not wrap.
#include <fmt/format.h>

#include "verifier/checks/context.h"

namespace kverify::verifier {

namespace {

std::string checkOf(const Place& where, AccessKind kind) {
  if (where.local)
    return "bounds.local";
  std::string memory = where.shared ? "shared" : "global";
  return "bounds." + memory + (kind == AccessKind::Read ? "-read" : "-write");
}

void judge(Context& context, const Access& access) {
  TermPool& pool = context.pool;
  const Place& where = context.domain.places[access.array];
  if (!context.domain.extents_declared && !where.shared && !where.local)
    return;
  std::string check = checkOf(where, access.kind);
  if (!where.bytes || !where.base)
    return context.open(check,
                        {unknown_reason::unsupported,
                         where.unknown.empty() ? "the size of '" + where.name + "' is not known" : where.unknown});
  Instance thread(pool, context.model, context.domain, 1, false, nullptr);
  TermPtr first = pool.add(where.base, thread(access.offset));
  TermPtr last = pool.add(first, pool.constant(access.width));
  TermPtr inside = pool.both(pool.le(pool.constant(0), first), pool.le(last, where.bytes));
  std::vector<TermPtr> all = {pool.negate(inside), thread(access.path)};
  for (TermPtr fact : thread.facts())
    all.push_back(fact);
  context.refuteAll(
      check, all,
      fmt::format("the access of {} bytes at {} may leave '{}'", access.width, place(access.where), where.name),
      access.where);
}

} // namespace

void checkBounds(Context& context) {
  for (const Access& access : context.model.accesses)
    judge(context, access);
}

} // namespace kverify::verifier
