#include "verifier/checks/remainders.h"

#include <algorithm>
#include <vector>

namespace kverify::verifier {

namespace {

int depthOf(TermPtr term) {
  int depth = 0;
  for (TermPtr arg : term->args)
    depth = std::max(depth, depthOf(arg));
  return depth + (isQuotient(term) ? 1 : 0);
}

/// Quotients of quotients first: what is left of them are the inner ones.
std::vector<TermPtr> outermostFirst(const Poly& poly) {
  std::vector<TermPtr> sorted = quotientsOf(poly);
  std::sort(sorted.begin(), sorted.end(), [](TermPtr a, TermPtr b) {
    int first = depthOf(a), second = depthOf(b);
    return first != second ? first > second : a->id < b->id;
  });
  return sorted;
}

bool isNegative(const Poly& poly) {
  return std::any_of(poly.terms.begin(), poly.terms.end(), [](const auto& term) { return term.second < 0; });
}

/// What is divided is no longer seen in the sum; of quotients in it only where it is made of nothing else.
bool vanishes(const Poly& dividend, const Poly& sum) {
  auto plain = [](const auto& term) {
    return !term.first.empty() && std::none_of(term.first.begin(), term.first.end(), isQuotient);
  };
  const bool any_plain = std::any_of(dividend.terms.begin(), dividend.terms.end(), plain);
  return std::none_of(dividend.terms.begin(), dividend.terms.end(), [&](const auto& term) {
    return !term.first.empty() && (!any_plain || plain(term)) && sum.terms.count(term.first);
  });
}

/// How often the sum may have a remainder: by the multiple of the quotient, or by that of what is divided.
std::vector<Poly> unitsIn(const Poly& sum, TermPtr quotient, const Poly& dividend, const Poly& divisor) {
  std::vector<Poly> units;
  if (auto subtracted = timesSubtracted(sum, quotient, divisor))
    units.push_back(*subtracted);
  for (const auto& [monomial, coefficient] : dividend.terms) {
    auto here = sum.terms.find(monomial);
    if (monomial.size() == 1 && !isQuotient(monomial[0]) && here != sum.terms.end() &&
        here->second % coefficient == 0)
      units.push_back(constantPoly(here->second / coefficient));
  }
  return units;
}

/// How a remainder is looked for, the best first: nothing of what is divided is seen in the sum any more (80 x - 1264 (x / 16)
/// is 80 (x % 16) + 16 (x / 16), and not x + 79 (x % 16)); the same, counted from the other end; or something is.
enum class Manner { Whole, Backwards, Part };

/// One remainder less to see in the sum; false: there is none of this quotient.
bool hide(TermPool& pool, Expander& expand, TermPtr quotient, Manner manner, Poly& sum, Assignment& meaning) {
  const Poly divisor = expand(quotient->args[1]), dividend = expand(quotient->args[0]);
  for (Poly many : unitsIn(sum, quotient, dividend, divisor)) {
    Poly value = plus(dividend, times(divisor, atomPoly(quotient)), -1);
    Poly rest = plus(sum, times(many, value), -1);
    bool gone = vanishes(dividend, rest), backwards = isNegative(many);
    if (backwards != (manner == Manner::Backwards) || (manner != Manner::Part && !gone))
      continue; // a quotient that is added stays one
    if (backwards) { // counted from the other end
      const Poly most = plus(divisor, constantPoly(-1));
      rest = plus(rest, times(many, most));
      value = plus(most, value, -1);
      many = times(many, constantPoly(-1));
    }
    TermPtr said = toTerm(pool, value);
    bool shorter = rest.terms.size() < sum.terms.size() || (gone && rest.terms.size() == sum.terms.size());
    if (rest.overflow || !said || !shorter)
      continue;
    Sym sym;
    sym.name = "remainder." + std::to_string(said->id);
    TermPtr hidden = pool.symbol(sym);
    meaning[hidden->sym] = said;
    sum = plus(rest, times(many, atomPoly(hidden)));
    return true;
  }
  return false;
}

} // namespace

std::optional<Poly> timesSubtracted(const Poly& sum, TermPtr quotient, const Poly& divisor) {
  Poly factor; // what the quotient is multiplied by
  for (const auto& [monomial, coefficient] : sum.terms)
    if (auto rest = without(monomial, quotient))
      factor.add(*rest, -coefficient);
  auto division = divide(factor, divisor);
  if (!division || !division->remainder.terms.empty() || division->quotient.terms.empty())
    return std::nullopt;
  return division->quotient;
}

Poly Remainders::hide(Poly sum, const std::vector<TermPtr>& quotients, Expander& expand) {
  for (TermPtr quotient : quotients) {
    const Poly divisor = expand(quotient->args[1]);
    auto many = timesSubtracted(sum, quotient, divisor);
    if (!many)
      continue;
    Poly value = plus(expand(quotient->args[0]), times(divisor, atomPoly(quotient)), -1);
    Poly rest = plus(sum, times(*many, value), -1);
    if (!rest.overflow && rest.terms.size() < sum.terms.size())
      sum = plus(rest, times(*many, atomPoly(symbolFor(quotient, value))));
  }
  return sum;
}

TermPtr Remainders::symbolFor(TermPtr quotient, const Poly& value) {
  Sym sym;
  sym.name = "remainder." + std::to_string(quotient->id);
  TermPtr hidden = pool_.symbol(sym);
  values_[hidden] = value;
  quotients_[hidden] = quotient;
  return hidden;
}

TermPtr Remainders::quotientOf(TermPtr symbol) const {
  auto found = quotients_.find(symbol);
  return found == quotients_.end() ? nullptr : found->second;
}

TermPtr withRemainders(TermPool& pool, TermPtr sum, Assignment& meaning) {
  Expander expand;
  Poly poly = expand(sum);
  for (bool changed = true; changed;) {
    changed = false;
    for (Manner manner : {Manner::Whole, Manner::Backwards, Manner::Part})
      for (TermPtr quotient : outermostFirst(poly))
        changed = changed || hide(pool, expand, quotient, manner, poly, meaning);
  }
  TermPtr result = toTerm(pool, poly);
  return result ? result : sum;
}

} // namespace kverify::verifier
