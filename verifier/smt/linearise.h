#pragma once
// Assertions as boolean structure over "polynomial >= 0" and "polynomial = 0"; no z3 here.
#include <map>
#include <set>
#include <vector>

#include "verifier/model/poly.h"

namespace kverify::verifier {

/// A formula whose leaves are comparisons of polynomials.
struct Formula {
  enum class Kind { True, False, Leaf, Not, And, Or } kind = Kind::True;
  bool equality = false; ///< Leaf: poly = 0, else poly >= 0
  Poly poly;             ///< of a Leaf
  std::vector<Formula> parts;
};

Formula nonNegative(Poly poly);
Formula isZero(Poly poly);
Formula negation(Formula part);
Formula allOf(std::vector<Formula> parts);
Formula anyOf(std::vector<Formula> parts);

/// A query ready for a solver of linear arithmetic, once each nonlinear monomial has become a variable.
class LinearQuery {
public:
  explicit LinearQuery(const std::vector<TermPtr>& assertions);

  std::vector<Formula> assertions; ///< with what defines the atoms, and their bounds
  std::vector<Formula> lemmas;     ///< consequences of integer arithmetic, for the monomials
  bool overflow = false;           ///< a coefficient became too large: no answer can be relied upon

  /// Fills `lemmas`. See lemmas.cpp.
  void addLemmas();

private:
  Formula translate(TermPtr term);
  const Poly& expand(TermPtr term); ///< and defines its atoms
  void define(TermPtr atom);
  void defineTruncDiv(TermPtr atom);
  void defineFloorDiv(TermPtr atom);
  void boundQuotient(TermPtr atom);
  void defineIte(TermPtr atom);
  void defineApply(TermPtr atom);
  void compareApplications(TermPtr one, TermPtr other);

  Expander expander_;
  std::set<TermPtr> defined_;
  std::vector<TermPtr> applications_;
};

} // namespace kverify::verifier
