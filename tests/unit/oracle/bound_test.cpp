// The bounds themselves: what their constants are, and that they mean something on ordinary inputs.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/generate/random.h"
#include "fuzz/oracle/attention.h"
#include "fuzz/oracle/norms.h"
#include "fuzz/oracle/rows.h"

namespace kverify::oracle {
namespace {

Rounding roundingFor(Arithmetic p, std::int64_t tile = 32) {
  Precision precision;
  precision.p = p;
  return makeRounding(precision, p, tile, 0);
}

struct Ordinary {
  std::vector<double> q, k, v;
  AttentionProblem problem;

  explicit Ordinary(std::int64_t nk) {
    generate::Random random(3);
    auto draw = [&](std::int64_t count) {
      std::vector<double> values(static_cast<std::size_t>(count));
      for (double& value : values)
        value = random.normal();
      return values;
    };
    q = draw(8 * 64);
    k = draw(nk * 64);
    v = draw(nk * 64);
    problem = {1, 1, 1, 8, nk, 64, 64, q, k, v, Scoring{.scale = 0.125}, {}, {}, {}};
  }
};

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values)
    sum += std::fabs(value);
  return sum / static_cast<double>(values.size());
}

TEST(Rounding, ConstantsAreThoseOfTheNotes) {
  EXPECT_EQ(unitRoundoff(Arithmetic::BF16), 0x1p-8);
  EXPECT_EQ(unitRoundoff(Arithmetic::F16), 0x1p-11);
  EXPECT_EQ(unitRoundoff(Arithmetic::TF32), 0x1p-11);
  EXPECT_EQ(unitRoundoff(Arithmetic::E4M3), 0x1p-4);
  EXPECT_EQ(accumulatorUnit(Arithmetic::F32), 0x1p-23);
  EXPECT_EQ(accumulatorUnit(Arithmetic::TF32), 0x1p-23) << "a tf32 product is accumulated in f32";
  EXPECT_EQ(underflowUnit(Arithmetic::F16), 0x1p-25);
  EXPECT_EQ(underflowUnit(Arithmetic::F32), 0x1p-150);
  EXPECT_EQ(largestFinite(Arithmetic::F16), 65504);
}

TEST(Rounding, GammaCountsTilesAndChains) {
  Rounding r;
  r.tile = 32;
  EXPECT_EQ(r.operations(100), 100 + 4 * 4 + 4);
  r.chain = 10;
  EXPECT_EQ(r.operations(100), 10 + 4 * 4 + 4);
  r.chain = 1000;
  EXPECT_EQ(r.operations(100), 100 + 4 * 4 + 4) << "a chain is never longer than the reduction";
  r.tile = 1;
  r.chain = 0;
  EXPECT_EQ(r.operations(100), 504);
}

TEST(Rounding, ACoarserDeclaredOutputWins) {
  Precision precision;
  precision.out = Arithmetic::F16;
  EXPECT_EQ(makeRounding(precision, Arithmetic::F32, 0, 0).out_unit, 0x1p-11);
  precision.out = Arithmetic::F32;
  EXPECT_EQ(makeRounding(precision, Arithmetic::F16, 0, 0).out_unit, 0x1p-11) << "the tensor can't hold more";
}

TEST(Bound, IsNotVacuousOnOrdinaryInputs) {
  Ordinary input(256);
  for (auto [p, most] :
       {std::pair(Arithmetic::F32, 2e-3), std::pair(Arithmetic::F16, 1e-2), std::pair(Arithmetic::BF16, 8e-2)}) {
    const AttentionReference reference = attentionForward(input.problem, roundingFor(p));
    EXPECT_GT(mean(reference.out.bound), 0);
    EXPECT_LT(mean(reference.out.bound), most * mean(reference.out.value))
        << "bound " << mean(reference.out.bound) << " of outputs " << mean(reference.out.value);
    EXPECT_LT(mean(reference.out.bound), mean(reference.out.value) / 4) << "zeros would pass";
    EXPECT_LT(mean(reference.lse.bound), 1e-3);
  }
}

TEST(Bound, RejectsMeanVAndALostKey) {
  Ordinary input(256);
  const AttentionReference reference = attentionForward(input.problem, roundingFor(Arithmetic::BF16));
  Ordinary shorter(256);
  shorter.problem.nk = 255;
  const AttentionReference lost = attentionForward(shorter.problem, roundingFor(Arithmetic::BF16));
  std::size_t lost_found = 0, mean_found = 0;
  for (std::size_t i = 0; i < reference.out.value.size(); ++i) {
    double average = 0;
    for (std::size_t j = 0; j < 256; ++j)
      average += input.v[j * 64 + i % 64] / 256;
    mean_found += std::fabs(average - reference.out.value[i]) > reference.out.bound[i];
    lost_found += std::fabs(lost.out.value[i] - reference.out.value[i]) > reference.out.bound[i];
  }
  EXPECT_GT(mean_found, reference.out.value.size() / 2);
  EXPECT_GT(lost_found, 0u);
}

TEST(Bound, TightIsBelowTheBoundAndOnlyForCoarseP) {
  Ordinary input(512);
  const AttentionReference reference = attentionForward(input.problem, roundingFor(Arithmetic::BF16));
  double ratio = 0;
  for (std::size_t i = 0; i < reference.out.bound.size(); ++i) {
    EXPECT_LE(reference.out.tight[i], reference.out.bound[i]);
    ratio += reference.out.tight[i] / reference.out.bound[i];
  }
  EXPECT_LT(ratio / static_cast<double>(reference.out.bound.size()), 0.8);
}

TEST(Bound, OfLayerNormIsInfiniteOnlyWhereTheDataSayNothing) {
  std::vector<double> x(64);
  generate::Random random(4);
  for (double& value : x)
    value = 10000 + random.normal();
  Rounding rounding;
  EXPECT_TRUE(std::isfinite(layerNorm({1, 64, x, {}, {}, 1e-5}, rounding).bound[0]));
  rounding.variance = Precision::Variance::OnePass;
  EXPECT_TRUE(std::isinf(layerNorm({1, 64, x, {}, {}, 1e-5}, rounding).bound[0]));
}

TEST(Bound, OfSoftmaxIsRelative) {
  std::vector<double> x(128);
  generate::Random random(5);
  for (double& value : x)
    value = random.normal();
  const Reference reference = softmax({1, 128, x, 1}, makeRounding({}, Arithmetic::F32, 32, 0));
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_LT(reference.bound[i], 1e-4 * reference.value[i]);
}

} // namespace
} // namespace kverify::oracle
