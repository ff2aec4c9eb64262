#pragma once
// Polynomials over atoms: terms that are no sum and no product.
#include <map>
#include <vector>

#include "verifier/model/term.h"

namespace kverify::verifier {

__extension__ using Int128 = __int128;

/// Atoms sorted by id, with repetition; empty = 1.
using Monomial = std::vector<TermPtr>;
struct MonomialLess {
  bool operator()(const Monomial& a, const Monomial& b) const;
};

struct Poly {
  std::map<Monomial, Int128, MonomialLess> terms; ///< no zero coefficients
  bool overflow = false;                          ///< a coefficient left 126 bits: the value means nothing

  void add(const Monomial& monomial, Int128 coefficient);
  bool isConstant() const;
  Int128 constant() const; ///< coefficient of 1
};

Poly plus(const Poly& a, const Poly& b, Int128 factor = 1); ///< a + factor*b
Poly times(const Poly& a, const Poly& b);
Monomial product(const Monomial& a, const Monomial& b);
/// a/v, or nothing where v does not divide it.
std::optional<Monomial> without(const Monomial& monomial, TermPtr atom);
bool operator<(const Poly& a, const Poly& b);

Poly constantPoly(Int128 value);
Poly atomPoly(TermPtr atom);
/// The sum with the atoms that `meaning` has replaced by what it says.
Poly writtenOut(const Poly& poly, const std::map<TermPtr, Poly>& meaning);

bool isQuotient(TermPtr term);
/// The quotients among its atoms, each once, in the order of the monomials.
std::vector<TermPtr> quotientsOf(const Poly& poly);

/// Expands sums and products; everything else becomes an atom.
class Expander {
public:
  const Poly& operator()(TermPtr term);

private:
  std::map<TermPtr, Poly> done_;
};

} // namespace kverify::verifier
