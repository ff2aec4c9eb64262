// Lemmas that let linear arithmetic see through products of symbols. Each one is true of all integers by itself
// (its premises are part of it), so that adding or dropping lemmas can change what is proved, never make it wrong.
//   PROD  p >= 0 and K >= 0  =>  p*K >= 0            for facts p and coefficients K
//   SEP   a < b and K >= 0   =>  (b - a - 1)*K >= 0; a <= b and K >= 0  =>  (b - a)*K >= 0
//   ROWS  PROD for p = C - 1, C, -C, -C - 1, where C is all that K is multiplied by in an equation that is asserted: two
//         threads are in one row (C = 0), or a whole row K apart
//   QUOT d >= 1 and 0 <= x < K*d  =>  x / d < K       for products K*d of sizes
//   BOX   0 <= low_i <= x_i <= high_i                =>  prod low_i <= prod x_i <= prod high_i
#include <algorithm>
#include <map>

#include "verifier/smt/linearise.h"

namespace kverify::verifier {

namespace {

constexpr std::size_t kMostLemmas = 4000;
using Monomials = std::set<Monomial, MonomialLess>;

/// The same for all threads of a grid: a size, or made of sizes.
bool isSizeLike(TermPtr term) {
  if (term->op == Op::Symbol)
    return term->sym->scope == Scope::Grid;
  return std::all_of(term->args.begin(), term->args.end(), isSizeLike);
}

Poly polyOf(const Monomial& monomial) {
  Poly poly;
  poly.add(monomial, 1);
  return poly;
}

Poly constantPoly(Int128 value) {
  Poly poly;
  if (value != 0)
    poly.add({}, value);
  return poly;
}

struct PolyLess {
  bool operator()(const Poly& a, const Poly& b) const { return a < b; }
};

Int128 commonFactor(Int128 a, Int128 b) {
  while (b != 0) {
    const Int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? -a : a;
}

/// What a query is made of, as far as lemmas need it.
struct Material {
  std::set<Poly, PolyLess> facts; ///< polynomials asserted, somewhere, to be >= 0
  Monomials products;             ///< of degree two and more
  Monomials coefficients;         ///< size-like cofactors of the products
  std::vector<std::pair<Poly, Monomial>> separated; ///< of ROWS: C and K

  void collect(const Formula& formula, bool positive) {
    if (formula.kind != Formula::Kind::Leaf) {
      for (const Formula& part : formula.parts)
        collect(part, formula.kind == Formula::Kind::Not ? !positive : positive);
      return;
    }
    for (const auto& [monomial, coefficient] : formula.poly.terms)
      if (monomial.size() > 1)
        addProduct(monomial);
    if (formula.equality && !positive)
      return;
    if (formula.equality)
      addRows(formula.poly);
    if (positive)
      facts.insert(formula.poly);
    if (formula.equality || !positive)
      facts.insert(plus(constantPoly(formula.equality ? 0 : -1), formula.poly, -1));
  }

  void addRows(const Poly& equation) {
    std::map<Monomial, Poly, MonomialLess> rows;
    for (const auto& [monomial, coefficient] : equation.terms) {
      Monomial sizes, rest;
      for (TermPtr atom : monomial)
        (isSizeLike(atom) ? sizes : rest).push_back(atom);
      if (!sizes.empty())
        rows[sizes].add(rest, coefficient);
    }
    for (const auto& [size, row] : rows)
      if (row.terms.size() > 2) // else SEP
        separated.push_back({withoutFactor(row), size});
  }

  /// C of g*C: a whole row apart is K, not K / g.
  static Poly withoutFactor(const Poly& poly) {
    Int128 factor = 0;
    for (const auto& [monomial, coefficient] : poly.terms)
      factor = commonFactor(factor, coefficient);
    Poly result;
    for (const auto& [monomial, coefficient] : poly.terms)
      result.add(monomial, coefficient / factor);
    result.overflow = poly.overflow;
    return result;
  }

  void addProduct(const Monomial& monomial) {
    if (!products.insert(monomial).second)
      return;
    for (TermPtr atom : monomial) {
      Monomial rest = *without(monomial, atom);
      if (std::all_of(rest.begin(), rest.end(), isSizeLike))
        coefficients.insert(rest);
    }
  }
};

class LemmaMaker {
public:
  LemmaMaker(const Material& material, std::vector<Formula>& out) : material_(material), out_(out) {}

  void make() {
    for (const Monomial& coefficient : material_.coefficients) {
      seen_.insert(coefficient);
      separate(coefficient);
      for (const Poly& fact : material_.facts)
        multiply(fact, coefficient);
    }
    for (const auto& [row, size] : material_.separated) {
      const Formula positive = nonNegative(polyOf(size));
      for (const Poly& apart : {row, times(row, constantPoly(-1))})
        for (int least : {0, 1}) {
          const Poly gap = plus(apart, constantPoly(-least));
          emit({positive, nonNegative(gap)}, times(gap, polyOf(size)));
        }
    }
    for (const Monomial& monomial : material_.products)
      seen_.insert(monomial);
    for (const Monomial& monomial : seen_)
      box(monomial);
  }

private:
  void emit(std::vector<Formula> premises, Poly conclusion) {
    if (conclusion.overflow || out_.size() >= kMostLemmas)
      return;
    for (const auto& [monomial, coefficient] : conclusion.terms)
      seen_.insert(monomial);
    for (Formula& premise : premises)
      premise = negation(std::move(premise));
    premises.push_back(nonNegative(std::move(conclusion)));
    out_.push_back(anyOf(std::move(premises)));
  }

  void multiply(const Poly& fact, const Monomial& coefficient) {
    if (fact.isConstant() || fact.overflow)
      return;
    Poly result = times(fact, polyOf(coefficient));
    bool useful = std::any_of(result.terms.begin(), result.terms.end(), [&](const auto& term) {
      return term.first.size() > coefficient.size() && material_.products.count(term.first);
    });
    if (useful)
      emit({nonNegative(fact), nonNegative(polyOf(coefficient))}, result);
  }

  void separate(const Monomial& coefficient) {
    std::vector<TermPtr> factors;
    for (const Monomial& monomial : material_.products)
      for (TermPtr atom : monomial) {
        auto rest = without(monomial, atom);
        if (rest && *rest == coefficient && !isSizeLike(atom) &&
            std::find(factors.begin(), factors.end(), atom) == factors.end())
          factors.push_back(atom);
      }
    for (TermPtr a : factors)
      for (TermPtr b : factors) {
        if (a == b)
          continue;
        Poly gap = plus(polyOf({b}), polyOf({a}), -1);
        Poly strict = plus(gap, constantPoly(-1));
        Formula positive = nonNegative(polyOf(coefficient));
        emit({positive, nonNegative(strict)}, times(strict, polyOf(coefficient)));
        emit({positive, nonNegative(gap)}, times(gap, polyOf(coefficient)));
      }
  }

  void box(const Monomial& monomial) {
    if (monomial.size() < 2)
      return;
    Int128 low = 1, high = 1;
    bool bounded = true;
    for (TermPtr atom : monomial) {
      if (atom->op != Op::Symbol || !atom->sym->low || *atom->sym->low < 0)
        return;
      if (__builtin_mul_overflow(low, Int128{*atom->sym->low}, &low))
        return;
      bounded = bounded && atom->sym->high && !__builtin_mul_overflow(high, Int128{*atom->sym->high}, &high) &&
                high < (Int128{1} << 120);
    }
    out_.push_back(nonNegative(plus(polyOf(monomial), constantPoly(low), -1)));
    if (bounded)
      out_.push_back(nonNegative(plus(constantPoly(high), polyOf(monomial), -1)));
  }

  const Material& material_;
  std::vector<Formula>& out_;
  Monomials seen_;
};

/// The atom that a polynomial is, or null.
TermPtr singleAtom(const Poly& poly) {
  bool single = poly.terms.size() == 1 && poly.terms.begin()->first.size() == 1 && poly.terms.begin()->second == 1;
  return single ? poly.terms.begin()->first[0] : nullptr;
}

/// x / d < K from x < K*d, and as a fact for the products: the group of a head, the row of an element.
void boundQuotientOf(TermPtr quotient, Expander& expand, Material& material, std::vector<Formula>& out) {
  Poly x = expand(quotient->args[0]);
  TermPtr divisor = singleAtom(expand(quotient->args[1]));
  if (!divisor || x.overflow)
    return;
  for (const Monomial& monomial : material.products) {
    auto rest = without(monomial, divisor);
    if (!rest || !std::all_of(rest->begin(), rest->end(), isSizeLike))
      continue;
    Poly bound = plus(plus(polyOf(*rest), constantPoly(-1)), polyOf({quotient}), -1);
    Poly below = plus(plus(polyOf(monomial), constantPoly(-1)), x, -1);
    Poly positive = plus(polyOf({divisor}), constantPoly(-1));
    out.push_back(anyOf(
        {negation(nonNegative(positive)), negation(nonNegative(x)), negation(nonNegative(below)), nonNegative(bound)}));
    material.facts.insert(bound);
  }
}

} // namespace

void LinearQuery::addLemmas() {
  Material material;
  for (const Formula& assertion : assertions)
    material.collect(assertion, true);
  std::map<std::uint32_t, TermPtr> quotients; // in an order that is the same every time
  for (const Monomial& monomial : material.products)
    for (TermPtr atom : monomial)
      if (atom->op == Op::TruncDiv)
        quotients[atom->id] = atom;
  for (const auto& [id, quotient] : quotients)
    boundQuotientOf(quotient, expander_, material, lemmas);
  LemmaMaker(material, lemmas).make();
}

} // namespace kverify::verifier
