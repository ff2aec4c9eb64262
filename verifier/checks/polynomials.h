#pragma once
// Addresses as sums of monomials, and back to terms.
#include "verifier/model/poly.h"

namespace kverify::verifier {

/// Null where a coefficient is no 64-bit integer.
TermPtr toTerm(TermPool& pool, const Poly& poly);

/// poly = quotient * divisor + remainder, by leading monomials: exact arithmetic, true of all integers. A constant is
/// divided towards zero, every other coefficient only where nothing is left.
struct Division {
  Poly quotient, remainder;
};
/// Nothing where a coefficient leaves its range, or `divisor` is zero.
std::optional<Division> divide(const Poly& poly, const Poly& divisor);

} // namespace kverify::verifier
