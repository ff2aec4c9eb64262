#include "verifier/checks/quotients.h"

#include <algorithm>

namespace kverify::verifier {

void Settled::holds(TermPtr condition) {
  if (condition->op == Op::And)
    for (TermPtr part : condition->args)
      holds(part);
  else
    true_.insert(condition);
  done_.clear();
}

TermPtr Settled::operator()(TermPtr term) {
  auto found = done_.find(term);
  if (found != done_.end())
    return found->second;
  TermPtr result = rebuilt(term);
  done_[term] = result;
  return result;
}

TermPtr Settled::rebuilt(TermPtr term) {
  if (term->args.empty())
    return term;
  std::vector<TermPtr> args;
  for (TermPtr arg : term->args)
    args.push_back((*this)(arg));
  if (term->op == Op::Ite && true_.count(args[0]))
    return args[1];
  if (term->op == Op::Ite && true_.count(pool_.negate(args[0])))
    return args[2];
  return quotient(pool_.like(term, std::move(args)));
}

TermPtr Settled::quotient(TermPtr original) {
  if (original->op != Op::TruncDiv && original->op != Op::FloorDiv)
    return original;
  Poly divisor = expand_(original->args[1]);
  auto division = divide(hide(expand_(original->args[0])), divisor);
  bool better = division && isBelow(division->remainder, divisor);
  TermPtr simpler = better ? toTerm(pool_, show(division->quotient)) : nullptr;
  if (!simpler)
    return original;
  claims.push_back(pool_.eq(original, simpler));
  return simpler;
}

/// Remainders x - d*(x / d) as symbols; the last that were made first, since one may be inside another.
Poly Settled::hide(Poly sum) {
  std::vector<TermPtr> quotients;
  for (const auto& [monomial, coefficient] : sum.terms)
    for (TermPtr atom : monomial)
      if ((atom->op == Op::TruncDiv || atom->op == Op::FloorDiv) &&
          std::find(quotients.begin(), quotients.end(), atom) == quotients.end())
        quotients.push_back(atom);
  std::sort(quotients.begin(), quotients.end(), [](TermPtr a, TermPtr b) { return a->id > b->id; });
  for (TermPtr quotient : quotients) {
    Poly factor, self;
    for (const auto& [monomial, coefficient] : sum.terms)
      if (auto rest = without(monomial, quotient))
        factor.add(*rest, -coefficient);
    const Poly divisor = expand_(quotient->args[1]);
    auto units = divide(factor, divisor);
    if (!units || units->quotient.terms.empty() || !units->remainder.terms.empty())
      continue;
    self.add({quotient}, 1);
    Poly value = plus(expand_(quotient->args[0]), times(divisor, self), -1);
    Poly rest = plus(sum, times(units->quotient, value), -1);
    if (rest.overflow || rest.terms.size() >= sum.terms.size())
      continue;
    Sym sym;
    sym.name = "remainder." + std::to_string(quotient->id);
    TermPtr hidden = pool_.symbol(sym);
    remainders_[hidden] = value;
    below_[hidden] = divisor;
    Poly one;
    one.add({hidden}, 1);
    sum = plus(rest, times(units->quotient, one));
  }
  return sum;
}

Poly Settled::show(const Poly& sum) const {
  Poly result;
  for (const auto& [monomial, coefficient] : sum.terms) {
    Poly product = constantPoly(coefficient);
    for (TermPtr atom : monomial) {
      Poly factor;
      factor.add({atom}, 1);
      auto found = remainders_.find(atom);
      product = times(product, found == remainders_.end() ? factor : found->second);
    }
    result = plus(result, product);
  }
  return result;
}

bool Settled::isBelow(const Poly& rest, const Poly& divisor) const {
  Poly most;
  for (const auto& [monomial, coefficient] : rest.terms) {
    if (coefficient < 0)
      return false;
    Poly product = constantPoly(coefficient);
    for (TermPtr atom : monomial) {
      auto below = below_.find(atom);
      if (below != below_.end())
        product = times(product, plus(below->second, constantPoly(-1)));
      else if (atom->op == Op::Symbol && atom->sym->low.value_or(-1) >= 0 && atom->sym->high)
        product = times(product, constantPoly(*atom->sym->high));
      else
        return false;
    }
    most = plus(most, product);
  }
  Poly gap = plus(divisor, most, -1);
  return !gap.overflow && gap.isConstant() && gap.constant() >= 1;
}

} // namespace kverify::verifier
