#include "fuzz/shadow/field_masks.h"

namespace kverify::shadow {

using namespace simt::shadow;

FieldValue timesInfinity(const FieldValue& infinity, double factor) {
  if (factor > 0)
    return infinity;
  if (factor < 0)
    return specialValue(infinity.is(kMinusInfinity) ? kPlusInfinity : kMinusInfinity, infinity.tag);
  return open();
}

FieldValue addScores(const FieldArithmetic& field, const FieldValue& a, const FieldValue& b) {
  if (a.is(kUnknown) || b.is(kUnknown))
    return open();
  if (!isInfinite(a) && !isInfinite(b))
    return field.add(a, b);
  if (isInfinite(a) && isInfinite(b) && specialOf(a.tag) != specialOf(b.tag))
    return open();
  return specialValue(specialOf(isInfinite(a) ? a.tag : b.tag), a.tag | b.tag);
}

void FieldWeights::add(const FieldArithmetic& field, const FieldValue& score) {
  const bool is_masked = score.is(kMinusInfinity);
  unknown = unknown || score.is(kUnknown) || score.is(kPlusInfinity);
  stand_in = stand_in || (is_masked && (score.tag & kHidden));
  masked = masked && is_masked;
  weights.push_back(is_masked || unknown ? FieldValue() : field.exponential(score));
  sum = field.add(sum, weights.back());
}

} // namespace kverify::shadow
