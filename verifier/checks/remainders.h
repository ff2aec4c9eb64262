#pragma once
// Remainders x - d*(x / d) in a sum, each as one symbol: a sum of products no longer shows them.
#include "verifier/checks/polynomials.h"
#include "verifier/checks/witness.h"

namespace kverify::verifier {

/// How often `sum` subtracts divisor * quotient, where that is a whole number of times; nothing also where it does not.
std::optional<Poly> timesSubtracted(const Poly& sum, TermPtr quotient, const Poly& divisor);

/// Symbols that stand for remainders, so that a division takes each as one.
class Remainders {
public:
  explicit Remainders(TermPool& pool) : pool_(pool) {}

  /// Where `sum` is shorter with one: with symbols for the remainders of `quotients`, in this order.
  Poly hide(Poly sum, const std::vector<TermPtr>& quotients, Expander& expand);
  Poly show(const Poly& sum) const { return writtenOut(sum, values_); }

  /// For the remainder of this quotient, whose value is `value`.
  TermPtr symbolFor(TermPtr quotient, const Poly& value);
  /// The quotient that a symbol belongs to; null: it stands for no remainder.
  TermPtr quotientOf(TermPtr symbol) const;

private:
  TermPool& pool_;
  std::map<TermPtr, Poly> values_;
  std::map<TermPtr, TermPtr> quotients_;
};

/// The same sum with symbols for remainders, and what they stand for (to be put back by Substitution).
TermPtr withRemainders(TermPool& pool, TermPtr sum, Assignment& meaning);

} // namespace kverify::verifier
