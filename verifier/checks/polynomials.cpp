#include "verifier/checks/polynomials.h"

#include <algorithm>

namespace kverify::verifier {

TermPtr toTerm(TermPool& pool, const Poly& poly) {
  if (poly.overflow)
    return nullptr;
  TermPtr sum = pool.constant(0);
  for (const auto& [monomial, coefficient] : poly.terms) {
    if (coefficient > INT64_MAX || coefficient < INT64_MIN)
      return nullptr;
    TermPtr product = pool.constant(static_cast<std::int64_t>(coefficient));
    for (TermPtr atom : monomial)
      product = pool.mul(product, atom);
    sum = pool.add(sum, product);
  }
  return sum;
}

namespace {

using Leading = std::pair<Monomial, Int128>;

/// The monomial of the highest degree; among those, the last in the order of monomials.
Leading leadingOf(const Poly& poly) {
  Leading best{{}, 0};
  for (const auto& [monomial, coefficient] : poly.terms)
    if (best.second == 0 || monomial.size() >= best.first.size())
      best = {monomial, coefficient};
  return best;
}

std::optional<Monomial> quotientOf(const Monomial& monomial, const Monomial& divisor) {
  std::optional<Monomial> rest = monomial;
  for (TermPtr atom : divisor)
    if (rest)
      rest = without(*rest, atom);
  return rest;
}

} // namespace

std::optional<Division> divide(const Poly& poly, const Poly& divisor) {
  if (poly.overflow || divisor.overflow || divisor.terms.empty())
    return std::nullopt;
  auto [lead, factor] = leadingOf(divisor);
  Division result;
  Poly left = poly;
  for (int steps = 0; !left.terms.empty(); ++steps) {
    auto [monomial, coefficient] = leadingOf(left);
    auto rest = quotientOf(monomial, lead);
    Poly one;
    bool number = monomial.empty() && rest; // of the constant, as many whole ones as it has
    if (rest && (coefficient % factor == 0 || (number && coefficient / factor != 0))) {
      one.add(*rest, coefficient / factor);
      result.quotient = plus(result.quotient, one);
      left = plus(left, times(one, divisor), -1);
    } else {
      one.add(monomial, coefficient);
      result.remainder = plus(result.remainder, one);
      left = plus(left, one, -1);
    }
    if (steps > 200 || left.overflow || result.quotient.overflow || result.remainder.overflow)
      return std::nullopt;
  }
  return result;
}

} // namespace kverify::verifier
