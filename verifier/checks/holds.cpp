// What the contract says that an integer tensor holds, of the values that threads load from it: the range of every
// element, and for one-dimensional tensors the order of any two of them, the first and the last. All of it is said only
// of indices inside the tensor, so that nothing is said of a load that does not happen; and only of tensors that no
// access of the launch writes.
// Without any word of a contract, two loads from one address give one value, if no access of the launch writes to that
// memory: it holds the same from the first instruction of the launch to the last. Not of volatile loads, which somebody
// outside of the launch may answer; not beyond the end of an array, where another one may begin that is written; and not
// of shared memory, which nobody but the launch fills. Whether a load that is named is executed does not matter: memory
// inside the array holds something there, and where it is not executed nothing else depends on what.
// Sound given access.readonly-write.
#include "verifier/checks/holds.h"

#include "verifier/checks/polynomials.h"

namespace kverify::verifier {

TermPtr elementOf(TermPool& pool, TermPtr offset, std::int64_t item) {
  Expander expand;
  Poly element;
  for (const auto& [monomial, coefficient] : expand(offset).terms) {
    if (coefficient % item != 0)
      return nullptr;
    element.add(monomial, coefficient / item);
  }
  return toTerm(pool, element);
}

namespace {

/// One of the loads of a pair.
struct Side {
  TermPtr value = nullptr, offset = nullptr, inside = nullptr;
};

Side sideOf(TermPool& pool, Instance& thread, const Instance::Load& load, const Place& where, std::int64_t width) {
  TermPtr offset = thread.offsetOf(load);
  TermPtr end = pool.add(offset, pool.constant(width));
  return {load.value, offset, pool.both(pool.le(pool.constant(0), offset), pool.le(end, where.bytes))};
}

/// Whole numbers that increase do so by one a step at least.
TermPtr ascends(TermPool& pool, const Held& holds, TermPtr first, TermPtr a, TermPtr second, TermPtr b) {
  TermPtr gap = holds.strictly ? pool.sub(second, first) : pool.constant(0);
  return pool.either(pool.lt(second, first), pool.le(pool.add(a, gap), b));
}

} // namespace

void addLoads(Context& context, Instance& a, Instance& b, std::vector<TermPtr>& all) {
  TermPool& pool = context.pool;
  // Asking where a load is from may meet more loads: an index that was loaded itself.
  for (std::size_t i = 0; i < a.loads().size(); ++i)
    for (std::size_t j = 0; j < b.loads().size(); ++j) {
      const Instance::Load one = a.loads()[i], other = b.loads()[j];
      const LoadedValue &from = context.model.loaded.at(one.symbol->origin()),
                        &other_from = context.model.loaded.at(other.symbol->origin());
      const Place &where = context.domain.places[from.array], &there = context.domain.places[other_from.array];
      bool readable = where.key == there.key && !where.written && !where.shared && !where.local && where.base &&
                      there.base && where.bytes;
      if (!readable || !from.plain || !other_from.plain || from.width != other_from.width)
        continue;
      const Side first = sideOf(pool, a, one, where, from.width), second = sideOf(pool, b, other, there, from.width);
      TermPtr inside = pool.both(first.inside, second.inside);
      auto say = [&](TermPtr premise, TermPtr conclusion) {
        all.push_back(pool.either(pool.negate(pool.both(inside, premise)), conclusion));
      };
      say(pool.eq(first.offset, second.offset), pool.eq(first.value, second.value));
      TermPtr element = elementOf(pool, first.offset, where.item), next = elementOf(pool, second.offset, where.item);
      bool ascending = where.holds.known && where.holds.ordered && where.dims.size() == 1 && !where.strided &&
                       from.width == where.item && element && next;
      if (!ascending)
        continue;
      say(pool.boolean(true), ascends(pool, where.holds, element, first.value, next, second.value));
      say(pool.boolean(true), ascends(pool, where.holds, next, second.value, element, first.value));
    }
}

TermPtr Instance::offsetOf(Load load) {
  const LoadedValue& from = model_.loaded.at(load.symbol->origin());
  return pool_.add(domain_.places[from.array].base, (*this)(afterLoops(pool_, from.offset, load.symbol->exits)));
}

void Instance::noteLoaded(const Sym& sym, TermPtr value) {
  auto found = model_.loaded.find(sym.origin());
  if (found == model_.loaded.end() || !noted_.insert(&sym).second)
    return;
  loads_.push_back({found->second.array, &sym, value});
  const LoadedValue& from = found->second;
  const Place& where = domain_.places[from.array];
  if (!where.holds.known || !where.base || !where.bytes || from.width != where.item || where.strided)
    return;
  TermPtr offset = offsetOf(loads_.back());
  TermPtr element = elementOf(pool_, offset, where.item);
  if (!element)
    return;
  TermPtr inside = pool_.both(pool_.le(pool_.constant(0), element), pool_.lt(offset, where.bytes));
  auto say = [&](TermPtr premise, TermPtr conclusion) {
    facts_.push_back(pool_.either(pool_.negate(pool_.both(inside, premise)), conclusion));
  };
  const Held& holds = where.holds;
  TermPtr always = pool_.boolean(true);
  if (holds.low && holds.high)
    say(always, pool_.both(pool_.le(holds.low, value), pool_.le(value, holds.high)));
  LoadedElement self{from.array, value, element, inside};
  if (where.dims.size() == 1) {
    TermPtr end = pool_.sub(where.dims[0].extent, pool_.constant(1));
    if (holds.first)
      say(pool_.eq(element, pool_.constant(0)), pool_.eq(value, holds.first));
    if (holds.last)
      say(pool_.eq(element, end), pool_.eq(value, holds.last));
    if (holds.first && holds.ordered)
      say(always, pool_.le(holds.first, value));
    if (holds.last && holds.ordered)
      say(always, pool_.le(value, holds.last));
  }
  for (const LoadedElement& other : loaded_) {
    if (domain_.places[other.array].key != where.key)
      continue;
    say(pool_.both(other.inside, pool_.eq(element, other.element)), pool_.eq(value, other.value));
    if (!holds.ordered || where.dims.size() != 1)
      continue;
    orderLoaded(other, self, holds.strictly);
    orderLoaded(self, other, holds.strictly);
  }
  loaded_.push_back(self);
}

// Whole numbers that increase do so by one a step at least.
void Instance::orderLoaded(const LoadedElement& a, const LoadedElement& b, bool strictly) {
  TermPtr premise = pool_.both(pool_.both(a.inside, b.inside), pool_.le(a.element, b.element));
  TermPtr gap = strictly ? pool_.sub(b.element, a.element) : pool_.constant(0);
  facts_.push_back(pool_.either(pool_.negate(premise), pool_.le(pool_.add(a.value, gap), b.value)));
}

} // namespace kverify::verifier
