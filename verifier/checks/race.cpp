// race.*: no two threads touch the same bytes, one of them writing, without a barrier between. Within a block: pairs
// of accesses of one barrier interval. Across blocks: every pair, since nothing orders blocks. Sound under converged
// barriers; order by warp-level synchronisation and atomics is not used, so that some correct kernels stay open.
#include <fmt/format.h>

#include "verifier/checks/context.h"
#include "verifier/model/poly.h"

namespace kverify::verifier {

namespace {

bool conflict(const Access& a, const Access& b) {
  if (a.kind == AccessKind::Read && b.kind == AccessKind::Read)
    return false;
  return !(a.kind == AccessKind::Atomic && b.kind == AccessKind::Atomic && a.width == b.width);
}

std::string checkOf(const Access& a, const Access& b, const char* memory) {
  bool reads = a.kind == AccessKind::Read || b.kind == AccessKind::Read;
  return fmt::format("race.{}-{}", memory, reads ? "read-write" : "write-write");
}

/// Elements of the same size at multiples of it overlap only where they are the same: an equality is easier.
TermPtr overlap(TermPool& pool, TermPtr a, std::int64_t width_a, TermPtr b, std::int64_t width_b) {
  Expander expand;
  bool aligned = width_a == width_b;
  for (TermPtr side : {a, b})
    for (const auto& [monomial, coefficient] : expand(side).terms)
      aligned = aligned && coefficient % width_a == 0;
  if (aligned)
    return pool.eq(a, b);
  return pool.both(pool.lt(a, pool.add(b, pool.constant(width_b))), pool.lt(b, pool.add(a, pool.constant(width_a))));
}

TermPtr differ(TermPool& pool, Instance& a, Instance& b, const char* index) {
  TermPtr same = pool.boolean(true);
  for (char axis : {'x', 'y', 'z'})
    same = pool.both(same, pool.eq(a.index(index, axis), b.index(index, axis)));
  return pool.negate(same);
}

struct Pair {
  const Access& a;
  const Access& b;
  const IntervalState* state_a;
  const IntervalState* state_b;
};

void judge(Context& context, const Pair& pair, bool same_block) {
  TermPool& pool = context.pool;
  const Place& place_a = context.domain.places[pair.a.array];
  const Place& place_b = context.domain.places[pair.b.array];
  const char* memory = place_a.shared ? "shared" : same_block ? "global" : "blocks";
  std::string check = checkOf(pair.a, pair.b, memory);
  if (!place_a.base || !place_b.base)
    return context.open(check, {unknown_reason::unsupported, "where '" + place_a.name + "' starts is not known"});
  Instance a(pool, context.model, context.domain, 1, same_block, pair.state_a);
  Instance b(pool, context.model, context.domain, 2, same_block, pair.state_b);
  TermPtr offset_a = pool.add(place_a.base, a(pair.a.offset)), offset_b = pool.add(place_b.base, b(pair.b.offset));
  std::vector<TermPtr> all = {a(pair.a.path), b(pair.b.path),
                              overlap(pool, offset_a, pair.a.width, offset_b, pair.b.width),
                              differ(pool, a, b, same_block ? "tid" : "ctaid")};
  for (Instance* one : {&a, &b})
    for (TermPtr fact : one->facts())
      all.push_back(fact);
  context.refuteAll(check, all,
                    fmt::format("two threads of {} may touch the same bytes of '{}' at {} and {}",
                                same_block ? "a block" : "different blocks", place_a.name, place(pair.a.where),
                                place(pair.b.where)),
                    pair.a.where, pair.b.where);
}

bool mayMeet(const Context& context, const Access& a, const Access& b) {
  const Place& place_a = context.domain.places[a.array];
  return !place_a.local && place_a.key == context.domain.places[b.array].key && conflict(a, b);
}

/// Pairs that a barrier always separates are judged too: by the intervals, with no question left to ask.
void noteSeparated(Context& context) {
  for (const Access& a : context.model.accesses)
    for (const Access& b : context.model.accesses)
      if (mayMeet(context, a, b))
        context.trivial(checkOf(a, b, context.domain.places[a.array].shared ? "shared" : "global"));
}

} // namespace

void checkRaces(Context& context) {
  noteSeparated(context);
  const std::vector<Access>& accesses = context.model.accesses;
  for (const Interval& interval : context.model.intervals)
    for (std::size_t i = 0; i < interval.reached.size(); ++i)
      for (std::size_t j = i; j < interval.reached.size(); ++j) {
        const ReachedAccess &left = interval.reached[i], &right = interval.reached[j];
        const Access &a = accesses[left.access], &b = accesses[right.access];
        if (mayMeet(context, a, b))
          judge(context, {a, b, &left.state, &right.state}, true);
      }
  for (std::size_t i = 0; i < accesses.size(); ++i)
    for (std::size_t j = i; j < accesses.size(); ++j)
      if (!context.domain.places[accesses[i].array].shared && mayMeet(context, accesses[i], accesses[j]))
        judge(context, {accesses[i], accesses[j], nullptr, nullptr}, false);
}

} // namespace kverify::verifier
