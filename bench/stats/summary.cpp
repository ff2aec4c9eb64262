#include "bench/stats/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace kverify::bench {
namespace {

/// P(X <= k) for X ~ Binomial(n, 1/2), by logarithms: exact enough for any n.
double binomialHalfCdf(std::size_t k, std::size_t n) {
  double sum = 0;
  const double half = static_cast<double>(n) * std::log(0.5);
  for (std::size_t i = 0; i <= k; ++i)
    sum += std::exp(std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(i) + 1) -
                    std::lgamma(static_cast<double>(n - i) + 1) + half);
  return std::min(sum, 1.0);
}

} // namespace

double Interval::relativeWidth(double value) const {
  return value != 0 ? (high - low) / value : std::numeric_limits<double>::infinity();
}

double quantile(std::span<const double> sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const std::size_t below = std::min(static_cast<std::size_t>(place), sorted.size() - 1);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double median(std::vector<double> values) {
  if (values.empty())
    return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  return quantile(values, 0.5);
}

std::optional<Interval> medianInterval(std::vector<double> values, double confidence) {
  const std::size_t n = values.size();
  if (n < 2)
    return std::nullopt;
  std::sort(values.begin(), values.end());
  // The largest k for which the k-th smallest and k-th largest still have the confidence: 1 - 2 P(X <= k - 1).
  const double tail = (1 - confidence) / 2;
  if (binomialHalfCdf(0, n) > tail)
    return std::nullopt;
  std::size_t k = 1;
  while (k + 1 <= n / 2 && binomialHalfCdf(k, n) <= tail)
    ++k;
  return Interval{values[k - 1], values[n - k]};
}

double Summary::uncertainty() const {
  return interval && median > 0 ? interval->relativeWidth(median) / 2 : std::numeric_limits<double>::infinity();
}

Summary summarise(const std::vector<double>& values) {
  Summary summary{.count = values.size()};
  if (values.empty())
    return summary;
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  summary.median = quantile(sorted, 0.5);
  summary.q1 = quantile(sorted, 0.25);
  summary.q3 = quantile(sorted, 0.75);
  summary.least = sorted.front();
  summary.most = sorted.back();
  summary.mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(sorted.size());
  double squares = 0;
  for (double x : sorted)
    squares += (x - summary.mean) * (x - summary.mean);
  summary.deviation = sorted.size() > 1 ? std::sqrt(squares / static_cast<double>(sorted.size() - 1)) : 0;
  summary.interval = medianInterval(std::move(sorted));
  return summary;
}

StopWhy shouldStop(const StoppingRule& rule, const Summary& soFar, double seconds) {
  if (soFar.count >= rule.least && soFar.uncertainty() < rule.target)
    return StopWhy::Sure;
  if (soFar.count >= rule.most)
    return StopWhy::Enough;
  return seconds >= rule.seconds ? StopWhy::TimeUp : StopWhy::Go;
}

} // namespace kverify::bench
