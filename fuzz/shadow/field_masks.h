#pragma once
// Scores of -inf, as masks make them, and a row of exponentials that has some.
#include "fuzz/shadow/field_spec.h"

namespace kverify::shadow {

inline bool isInfinite(const FieldValue& a) {
  return a.is(simt::shadow::kMinusInfinity) || a.is(simt::shadow::kPlusInfinity);
}

/// An infinity times a factor of which only the sign matters. What is not a number is unknown.
FieldValue timesInfinity(const FieldValue& infinity, double factor);
/// a + b, where either may be infinite.
FieldValue addScores(const FieldArithmetic& field, const FieldValue& a, const FieldValue& b);

/// w^s of a row's scores, and their sum; 0 for a score of -inf.
struct FieldWeights {
  FieldValues weights;
  FieldValue sum;
  bool unknown = false;  ///< a score is +inf, or no number
  bool stand_in = false; ///< a score is a large finite number, which the field takes for -inf
  bool masked = true;    ///< no score is finite

  void add(const FieldArithmetic& field, const FieldValue& score);
  /// Nothing can be asked of the row. Where all scores are large finite numbers, their differences count after all.
  bool isOpen() const { return unknown || (masked && stand_in); }
};

} // namespace kverify::shadow
