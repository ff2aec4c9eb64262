#include "verifier/model/poly.h"

#include <algorithm>

namespace kverify::verifier {

bool MonomialLess::operator()(const Monomial& a, const Monomial& b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](TermPtr x, TermPtr y) { return x->id < y->id; });
}

namespace {
constexpr Int128 kLimit = Int128{1} << 126;

Int128 multiply(Int128 a, Int128 b, bool& overflow) {
  Int128 result = 0;
  overflow |= __builtin_mul_overflow(a, b, &result) || result > kLimit || result < -kLimit;
  return overflow ? 0 : result;
}
} // namespace

void Poly::add(const Monomial& monomial, Int128 coefficient) {
  Int128& slot = terms[monomial];
  overflow |= __builtin_add_overflow(slot, coefficient, &slot) || slot > kLimit || slot < -kLimit;
  if (slot == 0)
    terms.erase(monomial);
}

bool Poly::isConstant() const {
  return terms.empty() || (terms.size() == 1 && terms.begin()->first.empty());
}

Int128 Poly::constant() const {
  auto found = terms.find(Monomial{});
  return found == terms.end() ? 0 : found->second;
}

Poly plus(const Poly& a, const Poly& b, Int128 factor) {
  Poly sum = a;
  sum.overflow |= b.overflow;
  for (const auto& [monomial, coefficient] : b.terms)
    sum.add(monomial, multiply(coefficient, factor, sum.overflow));
  return sum;
}

Monomial product(const Monomial& a, const Monomial& b) {
  Monomial all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end(), [](TermPtr x, TermPtr y) { return x->id < y->id; });
  return all;
}

std::optional<Monomial> without(const Monomial& monomial, TermPtr atom) {
  Monomial rest = monomial;
  auto found = std::find(rest.begin(), rest.end(), atom);
  if (found == rest.end())
    return std::nullopt;
  rest.erase(found);
  return rest;
}

Poly times(const Poly& a, const Poly& b) {
  Poly result;
  result.overflow = a.overflow || b.overflow;
  for (const auto& [left, x] : a.terms)
    for (const auto& [right, y] : b.terms)
      result.add(product(left, right), multiply(x, y, result.overflow));
  return result;
}

bool operator<(const Poly& a, const Poly& b) {
  return std::lexicographical_compare(a.terms.begin(), a.terms.end(), b.terms.begin(), b.terms.end(),
                                      [](const auto& x, const auto& y) {
                                        if (MonomialLess{}(x.first, y.first) || MonomialLess{}(y.first, x.first))
                                          return MonomialLess{}(x.first, y.first);
                                        return x.second < y.second;
                                      });
}

Poly constantPoly(Int128 value) {
  Poly poly;
  if (value != 0)
    poly.add({}, value);
  return poly;
}

Poly atomPoly(TermPtr atom) {
  Poly poly;
  poly.add({atom}, 1);
  return poly;
}

Poly writtenOut(const Poly& poly, const std::map<TermPtr, Poly>& meaning) {
  Poly result;
  result.overflow = poly.overflow;
  for (const auto& [monomial, coefficient] : poly.terms) {
    Poly product = constantPoly(coefficient);
    for (TermPtr atom : monomial) {
      auto found = meaning.find(atom);
      product = times(product, found == meaning.end() ? atomPoly(atom) : found->second);
    }
    result = plus(result, product);
  }
  return result;
}

bool isQuotient(TermPtr term) {
  return term->op == Op::TruncDiv || term->op == Op::FloorDiv;
}

std::vector<TermPtr> quotientsOf(const Poly& poly) {
  std::vector<TermPtr> found;
  for (const auto& [monomial, coefficient] : poly.terms)
    for (TermPtr atom : monomial)
      if (isQuotient(atom) && std::find(found.begin(), found.end(), atom) == found.end())
        found.push_back(atom);
  return found;
}

const Poly& Expander::operator()(TermPtr term) {
  auto found = done_.find(term);
  if (found != done_.end())
    return found->second;
  Poly result;
  if (term->op == Op::Const)
    result.add({}, term->value);
  else if (term->op == Op::Add)
    result = plus((*this)(term->args[0]), (*this)(term->args[1]));
  else if (term->op == Op::Mul)
    result = times((*this)(term->args[0]), (*this)(term->args[1]));
  else
    result = atomPoly(term);
  return done_.emplace(term, std::move(result)).first->second;
}

} // namespace kverify::verifier
