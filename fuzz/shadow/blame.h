#pragma once
// What a run with double-double or interval shadows says about the lines of a kernel: where rounding was made, where
// cancellation blew it up, which line brought most of the final error; how wide the enclosures are.
//
// A line's share of the final error: each output element's error counts for the line whose roundings, carried to the
// output by first-order derivatives, are the largest (simt/shadow/double_double.h). The enclosures are rigorous for the
// exact value of the operations that this run did; where a comparison was of overlapping intervals, the exact run might
// have done others (LineReport::undecided).
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kverify/launch.h"
#include "kverify/source.h"
#include "simt/executor.h"

namespace kverify::shadow {

struct LineReport {
  SourceLocation location;      ///< file and line
  std::uint64_t operations = 0; ///< that were run
  // Double-double.
  double worst_rounding = 0; ///< of one operation, relative to its result
  double rounding = 0;       ///< sum of the absolute roundings
  double worst_error = 0;    ///< accumulated, of one result, relative to it
  double cancelled_bits = 0; ///< most bits that one operation lost, of operands with an error
  double share = 0;          ///< of the final error, 0 … 1
  // Interval.
  double worst_width = 0;          ///< absolute
  double worst_relative_width = 0;
  std::uint64_t undecided = 0; ///< comparisons of overlapping intervals
};

/// One output element.
struct OutputError {
  std::string buffer;
  std::int64_t element = 0;
  double value = 0;          ///< what the kernel wrote
  double exact = 0;          ///< double-double: rounded to a double. Interval: unused
  double error = 0;          ///< value - exact
  double low = 0, high = 0;  ///< interval: the enclosure
};

struct ShadowReport {
  simt::ShadowDomain domain = simt::ShadowDomain::DoubleDouble;
  std::vector<LineReport> lines; ///< those that did something, by file and line
  std::uint64_t outputs = 0;     ///< elements with a shadow
  std::uint64_t lost = 0;        ///< output elements without one
  double worst_error = 0, mean_error = 0, signed_mean_error = 0; ///< absolute, over the outputs
  double worst_width = 0, mean_width = 0;
  OutputError worst;
  std::vector<std::string> notes; ///< "line 12: a function without an enclosure … (3 times)"

  /// The line with the largest share, or with the most cancelled bits; null where there is none.
  const LineReport* largestShare() const;
  const LineReport* worstCancellation() const;
};

/// `run` must be a completed run of a program with this domain.
ShadowReport blameLines(simt::ShadowDomain domain, const LaunchPlan& plan, const simt::RunResult& run);

} // namespace kverify::shadow
