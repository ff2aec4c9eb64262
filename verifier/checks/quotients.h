#pragma once
// Quotients and choices that guessed values settle: what is left is a polynomial that cancels.
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "verifier/checks/remainders.h"

namespace kverify::verifier {

/// Rewrites terms: (d*a + r) / d becomes a where r looks like one below d, and a choice becomes the arm that `holds`
/// says. Equal to what it is given where every one of `claims` is true: to be proved like anything else.
class Settled {
public:
  /// `hopeful`: r may be below d in some cases only, those that the guess is about.
  Settled(TermPool& pool, bool hopeful) : pool_(pool), hopeful_(hopeful), remainders_(pool) {}

  TermPtr operator()(TermPtr term);
  /// This is true wherever the terms matter.
  void holds(TermPtr condition);

  std::vector<TermPtr> claims;

private:
  TermPtr rebuilt(TermPtr term);
  TermPtr quotient(TermPtr original);
  Poly hide(const Poly& sum);
  bool isBelow(const Poly& rest, const Poly& divisor);
  bool mayBeBelow(const Division& division, const Poly& divisor) const;
  std::optional<Poly> mostOf(const Poly& sum);
  std::optional<Poly> mostOf(TermPtr atom);

  TermPool& pool_;
  bool hopeful_;
  std::map<TermPtr, TermPtr> done_;
  std::set<TermPtr> true_;
  Expander expand_;
  Remainders remainders_;
};

} // namespace kverify::verifier
