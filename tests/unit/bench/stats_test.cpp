// The statistics of the timing stage on data whose answers are known.
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/stats/gap.h"

namespace kverify::bench {
namespace {

std::vector<double> normalTimes(std::mt19937_64& random, std::size_t count, double mean, double deviation) {
  std::normal_distribution<double> normal(mean, deviation);
  std::vector<double> values(count);
  for (double& x : values)
    x = normal(random);
  return values;
}

ShapeTimes shapeOf(std::mt19937_64& random, double kernel, double baseline, double noise, std::size_t rounds = 20) {
  ShapeTimes shape;
  for (std::size_t i = 0; i < rounds; ++i)
    shape.rounds.push_back({normalTimes(random, 5, kernel, kernel * noise), normalTimes(random, 5, baseline, baseline * noise)});
  return shape;
}

TEST(Summary, KnownQuantiles) {
  Summary summary = summarise({4, 1, 3, 2, 5});
  EXPECT_DOUBLE_EQ(summary.median, 3);
  EXPECT_DOUBLE_EQ(summary.q1, 2);
  EXPECT_DOUBLE_EQ(summary.q3, 4);
  EXPECT_DOUBLE_EQ(summary.mean, 3);
  EXPECT_NEAR(summary.deviation, std::sqrt(2.5), 1e-12);
  EXPECT_DOUBLE_EQ(median({1, 2}), 1.5);
  EXPECT_TRUE(std::isnan(median({})));
}

TEST(Summary, TheMediansIntervalIsTheTextbooks) {
  // n = 10: the 2nd and 9th order statistics have 97.9 % (David and Nagaraja, table of confidence intervals).
  auto interval = medianInterval({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->low, 2);
  EXPECT_DOUBLE_EQ(interval->high, 9);
  // Five values never give 95 %: 1 - 2/2^5 = 93.75 %. Six do.
  EXPECT_FALSE(medianInterval({1, 2, 3, 4, 5}));
  EXPECT_TRUE(medianInterval({1, 2, 3, 4, 5, 6}));
}

TEST(Summary, TheIntervalCoversTheMedianAsOftenAsItSays) {
  std::mt19937_64 random(3);
  std::exponential_distribution<double> skewed(1);
  int covered = 0;
  constexpr int kTrials = 2000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> values(31);
    for (double& x : values)
      x = skewed(random);
    covered += medianInterval(values)->contains(std::log(2.0));
  }
  EXPECT_GE(covered, 0.94 * kTrials);
  EXPECT_LE(covered, 0.985 * kTrials) << "wider than it needs to be";
}

TEST(Summary, LargeCountsDoNotOverflow) {
  std::vector<double> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(i);
  auto interval = medianInterval(values);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 2500 - 1.96 * std::sqrt(5000) / 2, 3);
}

TEST(Stopping, SureOrOutOfTimeAndItSaysWhich) {
  StoppingRule rule{.target = 0.005, .least = 20, .most = 100, .seconds = 2};
  std::vector<double> steady(30, 1.0);
  EXPECT_EQ(shouldStop(rule, summarise(steady), 0.1), StopWhy::Sure);
  std::vector<double> few(10, 1.0);
  EXPECT_EQ(shouldStop(rule, summarise(few), 0.1), StopWhy::Go) << "ten equal samples are too few to be sure";
  std::vector<double> wild;
  for (int i = 0; i < 30; ++i)
    wild.push_back(1 + i % 7);
  EXPECT_EQ(shouldStop(rule, summarise(wild), 0.1), StopWhy::Go);
  EXPECT_EQ(shouldStop(rule, summarise(wild), 2.1), StopWhy::TimeUp);
  for (int i = 0; i < 80; ++i)
    wild.push_back(1 + i % 7);
  EXPECT_EQ(shouldStop(rule, summarise(wild), 0.1), StopWhy::Enough);
}

TEST(Gap, GeometricMeanOverShapes) {
  std::mt19937_64 random(1);
  const ShapeTimes shapes[] = {shapeOf(random, 1, 2, 0.01), shapeOf(random, 3, 1.5, 0.01)};
  Gap gap = gapOf(shapes);
  EXPECT_NEAR(gap.shapes[0], 2, 0.02);
  EXPECT_NEAR(gap.shapes[1], 0.5, 0.01);
  EXPECT_NEAR(gap.value, 1, 0.01);
  EXPECT_TRUE(gap.interval.contains(gap.value));
}

TEST(Gap, TheIntervalCoversTheTruth) {
  std::mt19937_64 random(5);
  int covered = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; ++trial) {
    const ShapeTimes shapes[] = {shapeOf(random, 1, 1.1, 0.05)};
    covered += gapOf(shapes, {.resamples = 400, .seed = static_cast<std::uint64_t>(trial)}).interval.contains(1.1);
  }
  EXPECT_GE(covered, 0.90 * kTrials);
}

TEST(Gap, DriftThatBothSeeDoesNotWidenIt) {
  ShapeTimes shape;
  for (int i = 0; i < 20; ++i) {
    const double drift = 1 + 0.02 * i;
    shape.rounds.push_back({{drift}, {1.5 * drift}});
  }
  Gap gap = gapOf(std::span(&shape, 1));
  EXPECT_NEAR(gap.value, 1.5, 0.02);
}

TEST(Gap, NothingIsComputedFromNothing) {
  EXPECT_TRUE(std::isnan(gapOf({}).value));
  const ShapeTimes one_sided[] = {{{{{1.0}, {}}}}};
  EXPECT_TRUE(std::isnan(gapOf(one_sided).value));
}

TEST(Claim, NeedsTheIntervalAndTheEffect) {
  auto gap = [](double value, double low, double high) { return Gap{value, {low, high}, {}}; };
  EXPECT_EQ(claimOf(gap(1.10, 1.08, 1.12), 0.005), Claim::Faster);
  EXPECT_EQ(claimOf(gap(0.90, 0.88, 0.92), 0.005), Claim::Slower);
  EXPECT_EQ(claimOf(gap(1.10, 0.99, 1.21), 0.005), Claim::Inconclusive) << "the interval has 1 in it";
  EXPECT_EQ(claimOf(gap(1.015, 1.012, 1.018), 0.005), Claim::Inconclusive) << "less than 2 %";
  EXPECT_EQ(claimOf(gap(1.05, 1.04, 1.06), 0.08), Claim::Inconclusive) << "less than the kernel against itself";
  EXPECT_EQ(claimOf(gap(NAN, NAN, NAN), 0.005), Claim::Inconclusive);
  EXPECT_EQ(claimOf(gap(1.10, 1.08, 1.12), NAN), Claim::Inconclusive);
}

TEST(Claim, AKernelAgainstItselfIsInconclusive) {
  std::mt19937_64 random(9);
  int claims = 0;
  for (int trial = 0; trial < 100; ++trial) {
    const ShapeTimes null[] = {shapeOf(random, 1, 1, 0.01)}, again[] = {shapeOf(random, 1, 1, 0.01)};
    claims += claimOf(gapOf(again, {.resamples = 300}), spreadOf(gapOf(null, {.resamples = 300}))) != Claim::Inconclusive;
  }
  EXPECT_EQ(claims, 0);
}

TEST(Overfit, OnlyWhereTheSetsPart) {
  Gap declared{1.5, {1.45, 1.55}, {}}, held{1.0, {0.95, 1.05}, {}}, near{1.44, {1.40, 1.46}, {}};
  EXPECT_TRUE(looksOverfitted(declared, held, 0.01));
  EXPECT_FALSE(looksOverfitted(declared, near, 0.01));
  EXPECT_FALSE(looksOverfitted(held, declared, 0.01)) << "better on what was held back is no overfitting";
  EXPECT_FALSE(looksOverfitted(declared, held, 0.6));
}

} // namespace
} // namespace kverify::bench
