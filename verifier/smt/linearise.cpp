#include "verifier/smt/linearise.h"

namespace kverify::verifier {

Formula nonNegative(Poly poly) {
  Formula leaf;
  leaf.kind = Formula::Kind::Leaf;
  leaf.poly = std::move(poly);
  return leaf;
}

Formula isZero(Poly poly) {
  Formula leaf = nonNegative(std::move(poly));
  leaf.equality = true;
  return leaf;
}

Formula negation(Formula part) {
  Formula result;
  result.kind = Formula::Kind::Not;
  result.parts.push_back(std::move(part));
  return result;
}

Formula allOf(std::vector<Formula> parts) {
  Formula result;
  result.kind = Formula::Kind::And;
  result.parts = std::move(parts);
  return result;
}

Formula anyOf(std::vector<Formula> parts) {
  Formula result;
  result.kind = Formula::Kind::Or;
  result.parts = std::move(parts);
  return result;
}

namespace {

Poly number(Int128 value) {
  Poly poly;
  if (value != 0)
    poly.add({}, value);
  return poly;
}

/// a <= b
Formula atMost(const Poly& a, const Poly& b) {
  return nonNegative(plus(b, a, -1));
}

Formula implies(Formula a, Formula b) {
  return anyOf({negation(std::move(a)), std::move(b)});
}

} // namespace

LinearQuery::LinearQuery(const std::vector<TermPtr>& given) {
  for (TermPtr term : given) {
    Formula formula = translate(term);
    assertions.push_back(std::move(formula));
  }
}

const Poly& LinearQuery::expand(TermPtr term) {
  const Poly& poly = expander_(term);
  overflow |= poly.overflow;
  for (const auto& [monomial, coefficient] : poly.terms)
    for (TermPtr atom : monomial)
      if (defined_.insert(atom).second)
        define(atom);
  return poly;
}

Formula LinearQuery::translate(TermPtr term) {
  std::vector<Formula> parts;
  switch (term->op) {
  case Op::True: return allOf({});
  case Op::False: return anyOf({});
  case Op::Not: return negation(translate(term->args[0]));
  case Op::Le: return atMost(expand(term->args[0]), expand(term->args[1]));
  case Op::Eq: return isZero(plus(expand(term->args[0]), expand(term->args[1]), -1));
  default:
    for (TermPtr part : term->args)
      parts.push_back(translate(part));
    return term->op == Op::And ? allOf(std::move(parts)) : anyOf(std::move(parts));
  }
}

void LinearQuery::define(TermPtr atom) {
  switch (atom->op) {
  case Op::Symbol:
    if (atom->sym->low)
      assertions.push_back(nonNegative(plus(atomPoly(atom), number(*atom->sym->low), -1)));
    if (atom->sym->high)
      assertions.push_back(nonNegative(plus(number(*atom->sym->high), atomPoly(atom), -1)));
    break;
  case Op::TruncDiv:
    defineTruncDiv(atom);
    boundQuotient(atom);
    break;
  case Op::FloorDiv:
    defineFloorDiv(atom);
    boundQuotient(atom);
    break;
  case Op::Ite: defineIte(atom); break;
  case Op::Apply: defineApply(atom); break;
  default: break;
  }
}

// q = x / d rounded towards zero: for x >= 0, d > 0: q*d <= x < q*d + d, and q >= 0; for x <= 0 mirrored. A negative
// divisor is left without a meaning, which allows every value.
void LinearQuery::defineTruncDiv(TermPtr atom) {
  Poly x = expand(atom->args[0]), d = expand(atom->args[1]), q = atomPoly(atom);
  Poly rest = plus(x, times(q, d), -1);
  overflow |= rest.overflow;
  Formula positive = atMost(number(1), d);
  Formula up = allOf({nonNegative(rest), atMost(rest, plus(d, number(1), -1)), nonNegative(q), atMost(q, x)});
  Formula down = allOf(
      {atMost(rest, number(0)), nonNegative(plus(rest, plus(d, number(1), -1))), atMost(q, number(0)), atMost(x, q)});
  assertions.push_back(implies(allOf({positive, nonNegative(x)}), up));
  assertions.push_back(implies(allOf({positive, atMost(x, number(0))}), down));
}

void LinearQuery::defineFloorDiv(TermPtr atom) {
  Poly x = expand(atom->args[0]), d = number(atom->args[1]->value);
  Poly rest = plus(x, times(atomPoly(atom), d), -1);
  overflow |= rest.overflow;
  assertions.push_back(nonNegative(rest));
  assertions.push_back(atMost(rest, plus(d, number(1), -1)));
}

namespace {

/// Bounds of a term that is a sum or product of bounded, non-negative symbols.
std::optional<Int128> mostOf(TermPtr term) {
  Int128 result = 0;
  if (term->op == Op::Const)
    return term->value >= 0 ? std::optional(Int128{term->value}) : std::nullopt;
  if (term->op == Op::Symbol)
    return term->sym->low.value_or(-1) >= 0 && term->sym->high ? std::optional(Int128{*term->sym->high}) : std::nullopt;
  if (term->op != Op::Add && term->op != Op::Mul && term->op != Op::FloorDiv)
    return std::nullopt;
  auto a = mostOf(term->args[0]), b = mostOf(term->args[1]);
  if (!a || !b)
    return std::nullopt;
  if (term->op == Op::FloorDiv)
    return *a / *b;
  bool overflow =
      term->op == Op::Add ? __builtin_add_overflow(*a, *b, &result) : __builtin_mul_overflow(*a, *b, &result);
  return overflow ? std::nullopt : std::optional(result);
}

} // namespace

// Follows from the definition; said apart so that the product lemmas can use it.
void LinearQuery::boundQuotient(TermPtr atom) {
  auto most = mostOf(atom->args[0]);
  if (!most || atom->args[1]->op != Op::Const || atom->args[1]->value <= 0)
    return;
  assertions.push_back(nonNegative(atomPoly(atom)));
  assertions.push_back(atMost(atomPoly(atom), number(*most / atom->args[1]->value)));
}

void LinearQuery::defineIte(TermPtr atom) {
  Formula condition = translate(atom->args[0]);
  Poly self = atomPoly(atom);
  assertions.push_back(implies(condition, isZero(plus(self, expand(atom->args[1]), -1))));
  assertions.push_back(implies(negation(condition), isZero(plus(self, expand(atom->args[2]), -1))));
}

// For a, b >= 0: 0 <= a&b <= min(a, b), max(a, b) <= a|b <= a + b, 0 <= a^b <= a + b; below a power of two that both
// are below. And each is a function, xor with one operand fixed even an injective one.
void LinearQuery::defineApply(TermPtr atom) {
  bool known = atom->function == "and" || atom->function == "or" || atom->function == "xor";
  if (atom->args.size() != 2 || !known)
    return;
  Poly a = expand(atom->args[0]), b = expand(atom->args[1]), self = atomPoly(atom);
  Formula natural = allOf({nonNegative(a), nonNegative(b)});
  std::vector<Formula> then = {nonNegative(self)};
  if (atom->function == "and") {
    then.push_back(atMost(self, a));
    then.push_back(atMost(self, b));
  } else {
    then.push_back(atMost(self, plus(a, b)));
    for (int k = 1; k <= 8; ++k) {
      Poly most = number((1 << k) - 1);
      assertions.push_back(implies(allOf({natural, atMost(a, most), atMost(b, most)}), atMost(self, most)));
    }
  }
  if (atom->function == "or") {
    then.push_back(atMost(a, self));
    then.push_back(atMost(b, self));
  }
  assertions.push_back(implies(natural, allOf(std::move(then))));
  for (TermPtr other : applications_)
    if (other->function == atom->function)
      compareApplications(atom, other);
  applications_.push_back(atom);
}

void LinearQuery::compareApplications(TermPtr one, TermPtr other) {
  auto equal = [&](TermPtr x, TermPtr y) { return isZero(plus(expand(x), expand(y), -1)); };
  Formula results = equal(one, other);
  for (std::size_t i : {0, 1})
    for (std::size_t j : {0, 1}) {
      Formula these = equal(one->args[i], other->args[j]), those = equal(one->args[1 - i], other->args[1 - j]);
      if (i == 0)
        assertions.push_back(implies(allOf({these, those}), results));
      if (one->function == "xor")
        assertions.push_back(implies(allOf({these, results}), those));
    }
}

} // namespace kverify::verifier
