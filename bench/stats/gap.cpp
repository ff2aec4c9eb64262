#include "bench/stats/gap.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kverify::bench {
namespace {

/// splitmix64: the same resamples on every machine.
class Dice {
public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t count) {
    state_ += 0x9e3779b97f4a7c15ull;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return static_cast<std::size_t>((x ^ (x >> 31)) % count);
  }

private:
  std::uint64_t state_;
};

/// Of the rounds at these places, each as often as it is named.
double ratioOf(const ShapeTimes& shape, const std::vector<std::size_t>& places) {
  std::vector<double> kernel, baseline;
  for (std::size_t place : places) {
    const Round& round = shape.rounds[place];
    kernel.insert(kernel.end(), round.kernel.begin(), round.kernel.end());
    baseline.insert(baseline.end(), round.baseline.begin(), round.baseline.end());
  }
  return median(std::move(baseline)) / median(std::move(kernel));
}

double geometricMean(const std::vector<double>& values) {
  double sum = 0;
  for (double x : values)
    sum += std::log(x);
  return std::exp(sum / static_cast<double>(values.size()));
}

bool usable(const ShapeTimes& shape) {
  return std::any_of(shape.rounds.begin(), shape.rounds.end(), [](const Round& round) { return !round.kernel.empty(); }) &&
         std::any_of(shape.rounds.begin(), shape.rounds.end(), [](const Round& round) { return !round.baseline.empty(); });
}

} // namespace

Gap gapOf(std::span<const ShapeTimes> shapes, const GapOptions& options) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  Gap gap{.value = kNaN, .interval = {kNaN, kNaN}, .shapes = {}};
  if (shapes.empty() || !std::all_of(shapes.begin(), shapes.end(), usable))
    return gap;
  for (const ShapeTimes& shape : shapes) {
    std::vector<std::size_t> all(shape.rounds.size());
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = i;
    gap.shapes.push_back(ratioOf(shape, all));
  }
  gap.value = geometricMean(gap.shapes);
  Dice dice(options.seed);
  std::vector<double> means;
  for (unsigned i = 0; i < options.resamples; ++i) {
    std::vector<double> ratios;
    for (const ShapeTimes& shape : shapes) {
      std::vector<std::size_t> places(shape.rounds.size());
      for (std::size_t& place : places)
        place = dice.below(shape.rounds.size());
      const double ratio = ratioOf(shape, places);
      if (std::isfinite(ratio))
        ratios.push_back(ratio);
    }
    if (ratios.size() == shapes.size())
      means.push_back(geometricMean(ratios));
  }
  if (means.empty())
    return gap;
  std::sort(means.begin(), means.end());
  const double tail = (1 - options.confidence) / 2;
  gap.interval = {quantile(means, tail), quantile(means, 1 - tail)};
  return gap;
}

std::string_view nameOf(Claim claim) {
  return claim == Claim::Faster ? "faster" : claim == Claim::Slower ? "slower" : "inconclusive";
}

double spreadOf(const Gap& against_itself) {
  return std::max(std::fabs(against_itself.interval.low - 1), std::fabs(against_itself.interval.high - 1));
}

Claim claimOf(const Gap& gap, double null_spread, double least_effect) {
  const double needed = std::max(least_effect, null_spread);
  // A NaN anywhere claims nothing.
  if (std::isnan(null_spread) || !(std::fabs(gap.value - 1) > needed))
    return Claim::Inconclusive;
  if (gap.interval.low > 1)
    return Claim::Faster;
  return gap.interval.high < 1 ? Claim::Slower : Claim::Inconclusive;
}

bool looksOverfitted(const Gap& declared, const Gap& held_back, double null_spread) {
  constexpr double kLeast = 0.05;
  return declared.interval.low > held_back.interval.high &&
         declared.value / held_back.value > 1 + std::max(kLeast, null_spread);
}

} // namespace kverify::bench
