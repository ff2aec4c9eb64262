#pragma once
// What a list of timings says about the one number that is wanted.
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kverify::bench {

/// Inclusive.
struct Interval {
  double low = 0, high = 0;
  bool contains(double x) const { return low <= x && x <= high; }
  /// Width over the value; infinite where the value is 0.
  double relativeWidth(double value) const;
};

/// Of the sorted values, by linear interpolation between order statistics (Hyndman and Fan 1996, type 7). `p` in [0, 1];
/// values must not be empty.
double quantile(std::span<const double> sorted, double p);

/// Of any order. NaN where there are none.
double median(std::vector<double> values);

/// The order statistics between which the median of the population lies with at least this confidence, whatever the
/// distribution (David and Nagaraja, Order Statistics, 7.1). Nothing where there are too few values for that.
std::optional<Interval> medianInterval(std::vector<double> values, double confidence = 0.95);

struct Summary {
  std::size_t count = 0;
  double median = 0, q1 = 0, q3 = 0, least = 0, most = 0;
  double mean = 0, deviation = 0; ///< with n - 1
  std::optional<Interval> interval; ///< of the median, 95 %

  double iqr() const { return q3 - q1; }
  double cv() const { return mean > 0 ? deviation / mean : 0; }
  /// Half the interval's width over the median; infinite while there is no interval.
  double uncertainty() const;
};

Summary summarise(const std::vector<double>& values);

/// When to stop sampling.
struct StoppingRule {
  double target = 0.005;    ///< of Summary::uncertainty
  std::size_t least = 20;   ///< samples, however sure it looks before
  std::size_t most = 2000;
  double seconds = 10;
};
enum class StopWhy { Go, Sure, TimeUp, Enough };
StopWhy shouldStop(const StoppingRule& rule, const Summary& soFar, double seconds);

} // namespace kverify::bench
