#pragma once
// The double-double domain: a value is the run's own value plus a double, its error: exact = concrete + error, 106 bits
// for a double, 77 for a float. Word 0 is the error, word 2 the operation that brought most of it. Where the concrete
// value is no finite number, word 0 is the exact value itself.
//
// An operation passes on its operands' errors exactly (a b + c: a db + b da + da db + dc), adds its own rounding,
// without loss too, and blames the largest of these parts.
//
// SiteRecord in this domain: first = largest local rounding error, in units of the result's magnitude; second = most
// bits lost to cancellation of operands that carried an error; third = largest relative error of a result; fourth = sum
// of absolute local errors. `third` is kept at every operation, the others where it rises and at the operations that
// `countdown` chooses: the first 256 of a place, every 16th after them (`fourth` counts each of those for 16).
// A product that one addition of its line alone takes is one operation with it, as far as this domain counts.
#include "simt/shadow/real.h"

namespace kverify::simt::shadow {

/// The relative error of a zero that should be another number.
inline constexpr double kAllWrong = 0x1.fffffffffffffp1023;

/// Of a rounding `local`, an error after it, and operands of size `larger` with errors (or not).
inline void look(SiteRecord& record, double local, double error, double result, double larger, bool inexact) {
  const double size = __builtin_fabs(result), rounding = __builtin_fabs(local), total = __builtin_fabs(error);
  if (isFinite(rounding)) {
    record.fourth += rounding * record.stride;
    if (rounding > record.first * size)
      record.first = rounding / size;
  }
  if (isFinite(total) && total > record.third * size) {
    const double relative = total / size;
    record.third = isFinite(relative) ? relative : kAllWrong; // an infinity times a zero would compare with nothing
  }
  if (inexact && size * 16 < larger) {
    const double bits = size == 0 ? 53 : __builtin_logb(larger) - __builtin_logb(size);
    if (bits > record.second)
      record.second = bits;
  }
}

/// One more operation of a place: is it one to look at?
[[gnu::always_inline]] inline bool isChosen(SiteRecord& record) {
  return --record.countdown == 0;
}
inline void chooseNext(SiteRecord& record) {
  record.runs += record.stride;
  record.stride = record.countdown = record.runs < 256 ? 1 : 16;
}
/// Operations of a place so far.
inline std::uint64_t runsOf(const SiteRecord& record) {
  return record.runs + (record.stride - record.countdown);
}

} // namespace kverify::simt::shadow
