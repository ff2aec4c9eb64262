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
  if (!isQuotient(original))
    return original;
  Poly divisor = expand_(original->args[1]);
  auto division = divide(hide(expand_(original->args[0])), divisor);
  bool better = division && isBelow(division->remainder, divisor);
  TermPtr simpler = better ? toTerm(pool_, remainders_.show(division->quotient)) : nullptr;
  if (!simpler)
    return original;
  claims.push_back(pool_.eq(original, simpler));
  return simpler;
}

/// Remainders x - d*(x / d) as symbols; the last that were made first, since one may be inside another.
Poly Settled::hide(const Poly& sum) {
  std::vector<TermPtr> quotients = quotientsOf(sum);
  std::sort(quotients.begin(), quotients.end(), [](TermPtr a, TermPtr b) { return a->id > b->id; });
  return remainders_.hide(sum, quotients, expand_);
}

bool Settled::isBelow(const Poly& rest, const Poly& divisor) {
  Poly most;
  for (const auto& [monomial, coefficient] : rest.terms) {
    if (coefficient < 0)
      return false;
    Poly product = constantPoly(coefficient);
    for (TermPtr atom : monomial) {
      if (TermPtr hidden = remainders_.quotientOf(atom))
        product = times(product, plus(expand_(hidden->args[1]), constantPoly(-1)));
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
