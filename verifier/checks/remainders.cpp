#include "verifier/checks/remainders.h"

#include <algorithm>
#include <set>

#include "verifier/checks/polynomials.h"

namespace kverify::verifier {

namespace {

bool isQuotient(TermPtr term) {
  return term->op == Op::TruncDiv || term->op == Op::FloorDiv;
}

int depthOf(TermPtr term) {
  int depth = 0;
  for (TermPtr arg : term->args)
    depth = std::max(depth, depthOf(arg));
  return depth + (isQuotient(term) ? 1 : 0);
}

/// Quotients of quotients first: what is left of them are the inner ones.
std::vector<TermPtr> quotientsOf(const Poly& poly) {
  std::set<TermPtr> found;
  for (const auto& [monomial, coefficient] : poly.terms)
    for (TermPtr atom : monomial)
      if (isQuotient(atom))
        found.insert(atom);
  std::vector<TermPtr> sorted(found.begin(), found.end());
  std::sort(sorted.begin(), sorted.end(), [](TermPtr a, TermPtr b) {
    int first = depthOf(a), second = depthOf(b);
    return first != second ? first > second : a->id < b->id;
  });
  return sorted;
}

Poly atomPoly(TermPtr atom) {
  Poly poly;
  poly.add({atom}, 1);
  return poly;
}

/// One remainder less to see in the sum; false: there is none of this quotient.
bool hide(TermPool& pool, Expander& expand, TermPtr quotient, Poly& sum, Assignment& meaning) {
  Poly factor; // what the quotient is multiplied by
  for (const auto& [monomial, coefficient] : sum.terms)
    if (auto rest = without(monomial, quotient))
      factor.add(*rest, -coefficient);
  const Poly divisor = expand(quotient->args[1]);
  auto units = divide(factor, divisor);
  if (!units || !units->remainder.terms.empty() || units->quotient.terms.empty())
    return false;
  for (const auto& [monomial, coefficient] : units->quotient.terms)
    if (coefficient < 0) // a quotient that is added stays one
      return false;
  Poly value = plus(expand(quotient->args[0]), times(divisor, atomPoly(quotient)), -1);
  Poly rest = plus(sum, times(units->quotient, value), -1);
  TermPtr said = toTerm(pool, value);
  if (rest.overflow || !said || rest.terms.size() >= sum.terms.size())
    return false;
  Sym sym;
  sym.name = "remainder." + std::to_string(said->id);
  TermPtr hidden = pool.symbol(sym);
  meaning[hidden->sym] = said;
  sum = plus(rest, times(units->quotient, atomPoly(hidden)));
  return true;
}

} // namespace

TermPtr withRemainders(TermPool& pool, TermPtr sum, Assignment& meaning) {
  Expander expand;
  Poly poly = expand(sum);
  for (bool changed = true; changed;) {
    changed = false;
    for (TermPtr quotient : quotientsOf(poly))
      changed = changed || hide(pool, expand, quotient, poly, meaning);
  }
  TermPtr result = toTerm(pool, poly);
  return result ? result : sum;
}

} // namespace kverify::verifier
