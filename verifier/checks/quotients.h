#pragma once
// Quotients and choices that guessed values settle: what is left is a polynomial that cancels.
#include <map>
#include <set>
#include <vector>

#include "verifier/checks/remainders.h"

namespace kverify::verifier {

/// Rewrites terms: (d*a + r) / d becomes a where r looks like one below d, and a choice becomes the arm that `holds`
/// says. Equal to what it is given where every one of `claims` is true: to be proved like anything else.
class Settled {
public:
  explicit Settled(TermPool& pool) : pool_(pool), remainders_(pool) {}

  TermPtr operator()(TermPtr term);
  /// This is true wherever the terms matter.
  void holds(TermPtr condition);

  std::vector<TermPtr> claims;

private:
  TermPtr rebuilt(TermPtr term);
  TermPtr quotient(TermPtr original);
  Poly hide(const Poly& sum);
  bool isBelow(const Poly& rest, const Poly& divisor);

  TermPool& pool_;
  std::map<TermPtr, TermPtr> done_;
  std::set<TermPtr> true_;
  Expander expand_;
  Remainders remainders_;
};

} // namespace kverify::verifier
