// What the contract says that an integer tensor holds, of the values that a thread loads from it: the range of every
// element, and for one-dimensional tensors the order of any two of them, the first and the last. All of it is said only
// of indices inside the tensor, so that nothing is said of a load that does not happen; and only of tensors that no
// access of the launch writes.
// Sound given access.readonly-write. Not complete: values of different threads are not compared.
#include "verifier/checks/instance.h"
#include "verifier/checks/polynomials.h"

namespace kverify::verifier {

namespace {

/// offset / item where that is exact.
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

} // namespace

void Instance::noteLoaded(const Sym& sym, TermPtr value) {
  auto found = model_.loaded.find(sym.origin());
  if (found == model_.loaded.end() || !noted_.insert(&sym).second)
    return;
  const LoadedValue& from = found->second;
  const Place& where = domain_.places[from.array];
  if (!where.holds.known || !where.base || !where.bytes || from.width != where.item || where.strided)
    return;
  TermPtr offset = pool_.add(where.base, (*this)(afterLoops(pool_, from.offset, sym.exits)));
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
