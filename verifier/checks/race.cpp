// race.*: no two threads touch the same bytes, one of them writing, without a barrier between. Within a block: pairs
// of accesses of one barrier interval. Across blocks: every pair, since nothing orders blocks. Sound under converged
// barriers; order by atomics is not used, so that some correct kernels stay open. Two lanes that a __syncwarp names
// both are judged over the intervals between these, if they provably meet there; lockstep orders nothing. Asynchronous
// copies conflict from their issue to the barrier after the wait with everyone, and until the wait with their own
// thread (race.async-copy). Two plain writes whose values are known are two questions: of other values, and of the same
// (race.same-value-write, unless that is allowed). Numbers that threads draw with atomicAdd are distinct.
#include <fmt/format.h>

#include "verifier/checks/holds.h"
#include "verifier/checks/teams.h"
#include "verifier/model/poly.h"

namespace kverify::verifier {

namespace {

constexpr const char* kAsync = "race.async-copy";
constexpr const char* kSameValue = "race.same-value-write";

bool conflict(const Access& a, const Access& b, bool same_block) {
  if (a.kind == AccessKind::Read && b.kind == AccessKind::Read)
    return false;
  bool atomic = a.kind == AccessKind::Atomic && b.kind == AccessKind::Atomic && a.width == b.width;
  return !atomic || (!same_block && (a.block_scope || b.block_scope));
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

/// Which two threads.
enum class Who { OfABlock, OfTwoBlocks, TheSame };

struct Pair {
  const Access& a;
  const Access& b;
  const IntervalState* state_a;
  const IntervalState* state_b;
  Who who = Who::OfABlock;
  const std::vector<int>* counts = nullptr; ///< of an interval that a copy is under way in
  const OwnConflict* own = nullptr;         ///< where both are of one thread
  const WarpTeam* team = nullptr;           ///< where both are of one
};

using Teams = std::vector<const WarpTeam*>;

/// The threads of a block are judged as members of the first team that has both, or as of none.
TermPtr inTheirTeam(Context& context, const Teams& teams, const Pair& pair, Instance& a, Instance& b) {
  TermPool& pool = context.pool;
  TermPtr result = pool.boolean(true);
  for (const WarpTeam* team : teams) {
    TermPtr both = inTeam(context, *team, a, b);
    if (team == pair.team)
      return pool.both(result, both);
    result = pool.both(result, pool.negate(both));
  }
  return result;
}

/// What is known of loop counters because of the way from the copy to here.
void addCounts(Context& context, const Pair& pair, Instance& a, Instance& b, std::vector<TermPtr>& all) {
  TermPool& pool = context.pool;
  for (unsigned loop = 0; loop < context.model.loops; ++loop) {
    TermPtr counter = context.model.counters[loop];
    if (pair.counts && (*pair.counts)[loop] >= 0)
      all.push_back(pool.eq(a.atStart(*counter->sym), pool.constant((*pair.counts)[loop])));
    if (!pair.own)
      continue;
    auto relate = [&](int known, TermPtr from) {
      TermPtr reached = pool.add(from, pool.constant(known));
      if (known >= 0)
        all.push_back(known < kFarAhead ? pool.eq(b(counter), reached) : pool.le(reached, b(counter)));
    };
    relate(pair.own->ahead[loop], a(counter));
    relate(pair.own->entered[loop], pool.constant(0));
  }
}

std::string describe(const Pair& pair, const std::string& array, const char* what = "touch") {
  static const char* const words[] = {"two threads of a block may {}", "two threads of different blocks may {}",
                                      "a thread may {}, while its asynchronous copy is under way,"};
  return fmt::format("{} the same bytes of '{}' at {} and {}",
                     fmt::format(fmt::runtime(words[static_cast<int>(pair.who)]), what), array, place(pair.a.where),
                     place(pair.b.where));
}

/// What the store leaves, as terms that are equal only where the bits are; null: not known.
TermPtr storedBy(Context& context, const Access& access, Instance& thread, bool same_block) {
  if (access.stored)
    return thread(access.stored);
  if (!access.copied || access.copied->width != access.width)
    return nullptr;
  const Place& source = context.domain.places[access.copied->array];
  bool one_memory = !source.local && (!source.shared || same_block) && source.base;
  if (!one_memory || source.written)
    return nullptr;
  return context.pool.apply("content of " + source.key, {context.pool.add(source.base, thread(access.copied->offset))});
}

/// Every access of the memory adds a positive constant to it, or reads: then nobody gets a number twice.
bool drawsFrom(const Context& context, unsigned array, bool same_block) {
  const Place& place = context.domain.places[array];
  if (place.local || (place.shared && !same_block) || !place.base)
    return false;
  for (const Access& access : context.model.accesses)
    if (access.kind != AccessKind::Read && context.domain.places[access.array].key == place.key &&
        (!access.adds || access.width != 4 || (access.block_scope && !same_block)))
      return false;
  return true;
}

constexpr const char* kNoWrap = "counters that atomicAdd draws numbers from do not wrap";

void addDrawn(Context& context, const std::vector<std::string>& checks, bool same_block, const Instance& a,
              const Instance& b, std::vector<TermPtr>& all) {
  TermPool& pool = context.pool;
  for (const Instance::Drawn& one : a.drawn())
    for (const Instance::Drawn& other : b.drawn()) {
      const Place &here = context.domain.places[one.from->array], &there = context.domain.places[other.from->array];
      if (here.key != there.key || !drawsFrom(context, one.from->array, same_block))
        continue;
      TermPtr one_counter = pool.eq(pool.add(here.base, one.offset), pool.add(there.base, other.offset));
      auto behind = [&](const Instance::Drawn& first, const Instance::Drawn& second) {
        return pool.le(pool.add(first.value, pool.constant(first.from->step)), second.value);
      };
      all.push_back(pool.either(pool.negate(one_counter), pool.either(behind(one, other), behind(other, one))));
      for (const std::string& check : checks)
        context.assume(check, kNoWrap);
    }
}

bool bothWrite(const Pair& pair) {
  return pair.who != Who::TheSame && pair.a.kind == AccessKind::Write && pair.b.kind == AccessKind::Write &&
         !pair.a.async && !pair.b.async;
}

void ask(Context& context, const Teams& teams, const Pair& pair, const std::vector<std::string>& checks) {
  const bool both_write = bothWrite(pair);
  std::vector<std::string> concerned = checks; // what is not asked stays open: it is not a check with nothing to judge
  if (both_write && !context.options().equal_writes)
    concerned.push_back(kSameValue);
  bool late = false;
  for (const std::string& check : concerned)
    late = context.tooLate(check) || late;
  if (late)
    return;
  TermPool& pool = context.pool;
  const Place& place_a = context.domain.places[pair.a.array];
  const Place& place_b = context.domain.places[pair.b.array];
  if (!place_a.base || !place_b.base) {
    for (const std::string& check : concerned)
      context.open(check, {unknown_reason::unsupported, "where '" + place_a.name + "' starts is not known"});
    return;
  }
  bool same_block = pair.who != Who::OfTwoBlocks;
  const LoopSet* loops = pair.team ? &pair.team->loops : nullptr;
  Instance a(pool, context.model, context.domain, 1, same_block, pair.state_a, loops);
  Instance b(pool, context.model, context.domain, 2, same_block, pair.state_b, loops);
  TermPtr offset_a = pool.add(place_a.base, a(pair.a.offset)), offset_b = pool.add(place_b.base, b(pair.b.offset));
  TermPtr apart = differ(pool, a, b, same_block ? "tid" : "ctaid");
  std::vector<TermPtr> all = {a(pair.a.path), b(pair.b.path),
                              overlap(pool, offset_a, pair.a.width, offset_b, pair.b.width),
                              pair.who == Who::TheSame ? pool.negate(apart) : apart};
  if (pair.who == Who::OfABlock)
    all.push_back(inTheirTeam(context, teams, pair, a, b));
  TermPtr value_a = both_write ? storedBy(context, pair.a, a, same_block) : nullptr;
  TermPtr value_b = value_a ? storedBy(context, pair.b, b, same_block) : nullptr;
  addCounts(context, pair, a, b, all);
  addLoads(context, a, b, all);
  for (Instance* one : {&a, &b})
    for (TermPtr fact : one->facts())
      all.push_back(fact);
  if (pair.who != Who::TheSame)
    addDrawn(context, checks, same_block, a, b, all);
  if (!value_b) {
    for (const std::string& check : checks)
      context.refuteAll(check, all, describe(pair, place_a.name), pair.a.where, pair.b.where);
    if (both_write && !context.options().equal_writes) // what is not known may be equal
      context.refuteAll(kSameValue, all, describe(pair, place_a.name, "write one value to"), pair.a.where,
                        pair.b.where);
    return;
  }
  TermPtr same_place = pair.a.width == pair.b.width ? pool.eq(offset_a, offset_b) : pool.boolean(false);
  TermPtr alike = pool.eq(value_a, value_b);
  // Most often they do not meet at all, whatever they write: one question for both.
  std::vector<TermPtr> of_one_value = all, of_two_values = all;
  // The bytes that two places share in part may be equal or not.
  of_one_value.push_back(pool.negate(pool.both(same_place, pool.negate(alike))));
  of_two_values.push_back(pool.negate(pool.both(same_place, alike)));
  for (const std::string& check : checks)
    context.refuteAll(check, of_two_values, describe(pair, place_a.name), pair.a.where, pair.b.where, all);
  if (!context.options().equal_writes)
    context.refuteAll(kSameValue, of_one_value, describe(pair, place_a.name, "write one value to"), pair.a.where,
                      pair.b.where, all);
}

void judge(Context& context, const Teams& teams, const Pair& pair) {
  const char* memory = context.domain.places[pair.a.array].shared ? "shared"
                       : pair.who == Who::OfABlock                ? "global"
                                                                  : "blocks";
  std::vector<std::string> checks;
  if (pair.who != Who::TheSame)
    checks.push_back(checkOf(pair.a, pair.b, memory));
  // Which of the two a run reports depends on whether the wait or the access comes first.
  if (pair.who != Who::OfTwoBlocks && (pair.a.async || pair.b.async))
    checks.push_back(kAsync);
  ask(context, teams, pair, checks);
}

bool mayMeet(const Context& context, const Access& a, const Access& b, bool same_block) {
  const Place& place_a = context.domain.places[a.array];
  return !place_a.local && place_a.key == context.domain.places[b.array].key && conflict(a, b, same_block);
}

/// Pairs that a barrier always separates are judged too: by the intervals, with no question left to ask.
void noteSeparated(Context& context) {
  for (const Access& a : context.model.accesses)
    for (const Access& b : context.model.accesses)
      if (mayMeet(context, a, b, true)) {
        context.trivial(checkOf(a, b, context.domain.places[a.array].shared ? "shared" : "global"), a.where);
        if (a.async)
          context.trivial(kAsync, a.where);
      }
}

/// `team`: of that team's members, else of the block's other threads.
void judgeInterval(Context& context, const Teams& teams, const Interval& interval, const WarpTeam* team) {
  const std::vector<Access>& accesses = context.model.accesses;
  auto meet = [&](const ReachedAccess& left, const ReachedAccess& right, Who who, const std::vector<int>* counts,
                  const OwnConflict* own) {
    const Access &a = accesses[left.access], &b = accesses[right.access];
    if (mayMeet(context, a, b, true))
      judge(context, teams, {a, b, &left.state, &right.state, who, counts, own, team});
  };
  for (std::size_t i = 0; i < interval.reached.size(); ++i)
    for (std::size_t j = i; j < interval.reached.size(); ++j)
      meet(interval.reached[i], interval.reached[j], Who::OfABlock, nullptr, nullptr);
  for (std::size_t i = 0; i < interval.in_flight.size(); ++i) {
    const InFlight& one = interval.in_flight[i];
    for (const ReachedAccess& other : interval.reached)
      meet(one.copy, other, Who::OfABlock, &one.counts, nullptr);
    for (std::size_t j = i; j < interval.in_flight.size(); ++j)
      meet(one.copy, interval.in_flight[j].copy, Who::OfABlock, &one.counts, nullptr);
  }
  if (team)
    return; // a thread's conflicts with itself were judged for its block
  for (const OwnConflict& one : interval.own)
    meet(one.copy, one.other, Who::TheSame, &one.counts, &one);
}

} // namespace

void checkRaces(Context& context) {
  noteSeparated(context);
  Teams teams = meetingTeams(context);
  for (const Interval& interval : context.model.intervals)
    judgeInterval(context, teams, interval, nullptr);
  for (const WarpTeam* team : teams)
    for (const Interval& interval : team->intervals)
      judgeInterval(context, teams, interval, team);
  const std::vector<Access>& accesses = context.model.accesses;
  for (std::size_t i = 0; i < accesses.size(); ++i)
    for (std::size_t j = i; j < accesses.size(); ++j)
      if (!context.domain.places[accesses[i].array].shared && mayMeet(context, accesses[i], accesses[j], false))
        judge(context, {}, {accesses[i], accesses[j], nullptr, nullptr, Who::OfTwoBlocks});
}

} // namespace kverify::verifier
