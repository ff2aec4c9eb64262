// NaN, infinities, overflow and empty extents: what a reference asks of a kernel there, and what it leaves open.
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/oracle/attention_backward.h"
#include "fuzz/oracle/attention_layouts.h"
#include "fuzz/oracle/elementwise.h"
#include "fuzz/oracle/matmul.h"
#include "fuzz/oracle/norms.h"
#include "fuzz/oracle/reduction.h"
#include "fuzz/oracle/rows.h"

namespace kverify::oracle {
namespace {

using Values = std::vector<double>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool isOpen(const Reference& reference, std::size_t i) {
  return std::isnan(reference.value[i]) && reference.bound[i] == kInfinity;
}

/// One query of width 1 with q = 1, so that the scores are k.
AttentionReference attend(const Values& k, const Values& v, const Values& bias = {}, const Scoring& scoring = {},
                          std::int64_t nq = 1) {
  AttentionProblem a;
  const Values q(static_cast<std::size_t>(nq), 1.0);
  a.nq = nq;
  a.nk = static_cast<std::int64_t>(k.size());
  a.q = q;
  a.k = k;
  a.v = v;
  a.bias = bias;
  a.scoring = scoring;
  return attentionForward(a, Rounding{});
}

TEST(Nonfinite, AVisibleNaNScoreMakesTheRowNaN) {
  for (double bad : {kNaN, kInfinity}) {
    const AttentionReference reference = attend({1, bad}, {5, 6});
    EXPECT_TRUE(std::isnan(reference.out.value[0]));
    EXPECT_EQ(reference.out.bound[0], 0) << "NaN is due, nothing else will do";
    EXPECT_TRUE(std::isnan(reference.lse.value[0]));
  }
}

TEST(Nonfinite, WhatAMaskHidesDoesNotMatter) {
  const Scoring causal{.causal = Causal::TopLeft};
  for (double bad : {kNaN, kInfinity, 1e300}) {
    const AttentionReference poisoned = attend({1, bad}, {5, bad}, {}, causal),
                             clean = attend({1, 2}, {5, 6}, {}, causal);
    EXPECT_EQ(poisoned.out.value[0], clean.out.value[0]);
    EXPECT_EQ(poisoned.out.bound[0], clean.out.bound[0]);
  }
}

TEST(Nonfinite, ABiasOfMinusInfinityMasksAKey) {
  const AttentionReference masked = attend({1, 2}, {5, 6}, {0, -kInfinity});
  EXPECT_EQ(masked.out.value[0], 5);
  EXPECT_TRUE(std::isfinite(masked.out.bound[0]));
  EXPECT_LT(masked.out.bound[0], 1e-4);
  const AttentionReference all = attend({1, 2}, {5, 6}, {-kInfinity, -kInfinity});
  EXPECT_EQ(all.out.value[0], 0);
  EXPECT_EQ(all.lse.value[0], -kInfinity);
}

TEST(Nonfinite, AnInfiniteValueMakesItsChannelInfiniteWhereItsWeightCannotVanish) {
  EXPECT_EQ(attend({1, 2}, {5, kInfinity}).out.value[0], kInfinity);
  EXPECT_EQ(attend({1, 2}, {5, -kInfinity}).out.value[0], -kInfinity);
  EXPECT_TRUE(isOpen(attend({100, 1}, {5, kInfinity}).out, 0)) << "a weight of e^-99 is 0 in many kernels";
  EXPECT_TRUE(std::isnan(attend({1, 2}, {5, kNaN}).out.value[0]));
  EXPECT_EQ(attend({1, 2}, {5, kNaN}).out.bound[0], 0);
}

TEST(Nonfinite, WhereACorrectKernelMayOverflowTheReferenceIsOpen) {
  EXPECT_TRUE(isOpen(attend({1, 1e39}, {5, 6}).out, 0)) << "the score is beyond f32";
  EXPECT_TRUE(isOpen(attend({1, 1}, {3e38, 3e38}).out, 0)) << "the unnormalised sum is beyond f32";
  EXPECT_FALSE(isOpen(attend({1, 1}, {3e37, 3e37}).out, 0));
  const Values big = {1e30}, small = {1};
  EXPECT_TRUE(isOpen(matmul({1, 1, 1, 1, big, big, {}, {}}, Rounding{}), 0));
  EXPECT_FALSE(isOpen(matmul({1, 1, 1, 1, big, small, {}, {}}, Rounding{}), 0));
  const Values exponent = {95};
  const ElementwiseProblem product{
      1, 1, exponent, {}, small, Activation::Exp, 0, ElementwiseProblem::Combine::Multiply};
  EXPECT_TRUE(isOpen(elementwise(product, Rounding{}), 0));
}

TEST(Nonfinite, HugeScoresKeepAUsableBound) {
  // exp(2 rho) of scores of 1e30 is beyond fp64: the bound says nothing, and is no NaN that every error would be under.
  const AttentionReference reference = attend({1e30, -1e30}, {5, 6});
  EXPECT_FALSE(reference.out.bound[0] < 1);
  const Values x = {1e30, -1e30, 3};
  const Reference y = softmax({1, 3, x, 1}, Rounding{});
  for (double bound : y.bound)
    EXPECT_FALSE(bound < 0);
}

TEST(Nonfinite, RowsThatSeeNoKeyHaveNoGradient) {
  AttentionProblem a;
  a.nq = 3, a.nk = 1;
  const Values q = {1, 2, 3}, k = {1}, v = {2}, dout = {1, 1, 1};
  a.q = q;
  a.k = k;
  a.v = v;
  a.scoring.causal = Causal::BottomRight;
  const AttentionReference forward = attentionForward(a, Rounding{});
  const AttentionGradients gradients =
      attentionBackward({a, forward.out.value, forward.lse.value, dout}, Rounding{}, Rounding{}, Rounding{});
  for (std::size_t i : {0, 1}) {
    EXPECT_EQ(forward.lse.value[i], -kInfinity);
    EXPECT_EQ(gradients.dq.value[i], 0);
    EXPECT_LT(gradients.dq.bound[i], 1e-40);
  }
  EXPECT_EQ(gradients.dv.value[0], 1) << "of the last query alone";
}

/// A causal kernel skips what the mask hides: 0 * NaN there would accuse it of scrubbing.
TEST(Nonfinite, WhatACausalMaskHidesReachesNoGradient) {
  AttentionProblem a;
  a.nq = 2, a.nk = 2;
  const Values clean = {1, 2}, bad_first = {kNaN, 2}, bad_last = {1, kNaN};
  a.q = a.k = a.v = clean;
  a.scoring.causal = Causal::BottomRight;
  const AttentionReference forward = attentionForward(a, Rounding{});
  auto expectOnly = [&](std::size_t wrong, const AttentionGradients& gradients, const char* what) {
    for (const Reference* gradient : {&gradients.dq, &gradients.dk, &gradients.dv}) {
      EXPECT_TRUE(std::isnan(gradient->value[wrong])) << what;
      EXPECT_TRUE(std::isfinite(gradient->value[1 - wrong])) << what << ": the mask hides it from row " << 1 - wrong;
    }
  };
  expectOnly(0, attentionBackward({a, forward.out.value, forward.lse.value, bad_first}, {}, {}, {}),
             "a NaN in dO of query 0, which sees key 0 alone");
  a.k = bad_last;
  expectOnly(1, attentionBackward({a, forward.out.value, forward.lse.value, clean}, {}, {}, {}),
             "a NaN in key 1, which query 1 alone sees");
}

TEST(Nonfinite, AMergeSkipsEmptySplits) {
  const Values out = {kNaN, 7}, lse = {-kInfinity, 3};
  const AttentionReference merged = attentionMerge({2, 1, 1, out, lse, MaskedRow::Zero}, Rounding{});
  EXPECT_EQ(merged.out.value[0], 7);
  EXPECT_EQ(merged.lse.value[0], 3);
  const Values none = {-kInfinity, -kInfinity};
  EXPECT_EQ(attentionMerge({2, 1, 1, out, none, MaskedRow::Zero}, Rounding{}).out.value[0], 0);
}

TEST(Nonfinite, ExtremesFollowTheDeclaredPolicy) {
  using Problem = ReductionProblem;
  const Values x = {1, kNaN, 3, 3};
  auto reduced = [&](Reduction operation, Problem::Ties ties, Problem::NaNs nans) {
    return reduceRows({1, 4, x, operation, ties, nans}, Rounding{});
  };
  EXPECT_TRUE(isOpen(reduced(Reduction::Max, Problem::Ties::First, Problem::NaNs::Any).value, 0));
  EXPECT_EQ(reduced(Reduction::Max, Problem::Ties::First, Problem::NaNs::Ignore).value.value[0], 3);
  const Reference propagated = reduced(Reduction::Max, Problem::Ties::First, Problem::NaNs::Propagate).value;
  EXPECT_TRUE(std::isnan(propagated.value[0]) && propagated.bound[0] == 0);
  EXPECT_EQ(reduced(Reduction::ArgMax, Problem::Ties::First, Problem::NaNs::Ignore).index.value[0], 2);
  EXPECT_TRUE(isOpen(reduced(Reduction::ArgMax, Problem::Ties::Any, Problem::NaNs::Ignore).index, 0));
}

TEST(Nonfinite, EmptyExtentsAreWellDefined) {
  const AttentionReference none = attend({}, {}, {}, {}, 2);
  EXPECT_EQ(none.out.value, (Values{0, 0}));
  const Reference product = matmul({1, 2, 1, 0, {}, {}, {}, {}}, Rounding{});
  EXPECT_EQ(product.value, (Values{0, 0}));
  const ReductionReference sum = reduceRows({2, 0, {}, Reduction::Sum}, Rounding{});
  EXPECT_EQ(sum.value.value, (Values{0, 0}));
  EXPECT_EQ(reduceRows({1, 0, {}, Reduction::Max}, Rounding{}).value.value[0], -kInfinity);
  EXPECT_EQ(reduceRows({1, 0, {}, Reduction::LogSumExp}, Rounding{}).value.value[0], -kInfinity);
  EXPECT_TRUE(logSoftmax({2, 0, {}, 1}, Rounding{}).value.empty());
  EXPECT_EQ(rmsNorm({2, 0, {}, {}}, Rounding{}).y.value.size(), 0);
}

} // namespace
} // namespace kverify::oracle
