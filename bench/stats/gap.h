#pragma once
// Kernel Gap: t_baseline / t_kernel over a set of shapes, and what may be claimed of it.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bench/stats/summary.h"

namespace kverify::bench {

/// A few samples of each, taken one after the other: what drifts slowly is in both.
struct Round {
  std::vector<double> kernel, baseline;
};

/// Everything that was timed at one shape.
struct ShapeTimes {
  std::vector<Round> rounds;
};

struct Gap {
  double value = 0;   ///< geometric mean over the shapes of median(baseline) / median(kernel)
  Interval interval;  ///< 95 %, percentile bootstrap (Efron and Tibshirani 1993, 13) over the rounds of each shape
  std::vector<double> shapes; ///< each shape's own
};

struct GapOptions {
  unsigned resamples = 2000;
  double confidence = 0.95;
  std::uint64_t seed = 1;
};

/// Every shape needs at least one round with samples of both; else the value is NaN.
Gap gapOf(std::span<const ShapeTimes> shapes, const GapOptions& options = {});

enum class Claim { Faster, Slower, Inconclusive };
std::string_view nameOf(Claim claim);

/// How far a gap of one kernel against itself strays from 1: the further end of its interval.
double spreadOf(const Gap& against_itself);

/// A claim only where the interval excludes 1 and the effect exceeds max(2 %, A/A spread).
Claim claimOf(const Gap& gap, double null_spread, double least_effect = 0.02);

/// The declared shapes do clearly better than those that were held back: intervals apart, and by more than
/// max(5 %, A/A spread).
bool looksOverfitted(const Gap& declared, const Gap& held_back, double null_spread);

} // namespace kverify::bench
