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
  bool better = division && (isBelow(division->remainder, divisor) || mayBeBelow(*division, divisor));
  TermPtr simpler = better ? toTerm(pool_, remainders_.show(division->quotient)) : nullptr;
  if (!simpler)
    return original;
  claims.push_back(pool_.eq(original, simpler));
  return simpler;
}

/// It is made of digits that are finer than the divisor, and there is something that is not.
bool Settled::mayBeBelow(const Division& division, const Poly& divisor) const {
  return hopeful_ && divisor.isConstant() && !division.quotient.terms.empty() &&
         std::all_of(division.remainder.terms.begin(), division.remainder.terms.end(),
                     [&](const auto& term) { return term.second > 0 && term.second < divisor.constant(); });
}

/// Remainders x - d*(x / d) as symbols; the last that were made first, since one may be inside another.
Poly Settled::hide(const Poly& sum) {
  std::vector<TermPtr> quotients = quotientsOf(sum);
  std::sort(quotients.begin(), quotients.end(), [](TermPtr a, TermPtr b) { return a->id > b->id; });
  return remainders_.hide(sum, quotients, expand_);
}

bool Settled::isBelow(const Poly& rest, const Poly& divisor) {
  auto most = mostOf(rest);
  Poly gap = most ? plus(divisor, *most, -1) : Poly{};
  return most && !gap.overflow && gap.isConstant() && gap.constant() >= 1;
}

/// What it is at most, where it cannot be negative.
std::optional<Poly> Settled::mostOf(const Poly& sum) {
  Poly most;
  for (const auto& [monomial, coefficient] : sum.terms) {
    if (coefficient < 0)
      return std::nullopt;
    Poly product = constantPoly(coefficient);
    for (TermPtr atom : monomial) {
      auto bound = mostOf(atom);
      if (!bound)
        return std::nullopt;
      product = times(product, *bound);
    }
    most = plus(most, product);
  }
  return most;
}

std::optional<Poly> Settled::mostOf(TermPtr atom) {
  if (TermPtr hidden = remainders_.quotientOf(atom))
    return plus(expand_(hidden->args[1]), constantPoly(-1));
  if (atom->op == Op::Symbol && atom->sym->low.value_or(-1) >= 0 && atom->sym->high)
    return constantPoly(*atom->sym->high);
  if (!isQuotient(atom) || atom->args[1]->op != Op::Const || atom->args[1]->value <= 0)
    return std::nullopt;
  auto dividend = mostOf(hide(expand_(atom->args[0])));
  if (!dividend || !dividend->isConstant() || dividend->overflow)
    return std::nullopt;
  return constantPoly(dividend->constant() / atom->args[1]->value);
}

} // namespace kverify::verifier
