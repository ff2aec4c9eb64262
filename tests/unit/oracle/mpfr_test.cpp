// The fp64 references against the textbook formulas at 200 bits: their own error must be invisible under the bounds.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/generate/random.h"
#include "fuzz/oracle/attention.h"
#include "fuzz/oracle/norms.h"
#include "fuzz/oracle/rows.h"
#include "real.h"

namespace kverify::oracle {
namespace {

using generate::Random;
using kverify::testing::Real;

/// The reference's error may be at most this part of the smallest bound in use, that of f32.
constexpr double kInvisible = 1e-5;

std::vector<double> draw(std::size_t count, double scale, Random& random) {
  std::vector<double> values(count);
  for (double& value : values)
    value = static_cast<float>(scale * random.normal());
  return values;
}

void expectClose(const Reference& reference, std::size_t i, const Real& exact, const char* what) {
  const double error = std::fabs((Real(reference.value[i]) - exact).toDouble());
  EXPECT_LE(error, kInvisible * reference.bound[i]) << what << " element " << i << " is " << reference.value[i];
}

struct Shape {
  std::int64_t b, h, hk, nq, nk, d, dv;
  Causal causal;
  double amplitude;
};

/// softmax without a shift: 200 bits and MPFR's exponents need none.
void checkAttention(const Shape& s, std::uint64_t seed) {
  Random random(seed);
  auto size = [](std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    return static_cast<std::size_t>(a * b * c * d);
  };
  const auto q = draw(size(s.b, s.h, s.nq, s.d), s.amplitude, random);
  const auto k = draw(size(s.b, s.hk, s.nk, s.d), s.amplitude, random);
  const auto v = draw(size(s.b, s.hk, s.nk, s.dv), 1, random);
  const Scoring scoring{.scale = 1 / std::sqrt(static_cast<double>(s.d)), .causal = s.causal};
  AttentionProblem problem{s.b, s.h, s.hk, s.nq, s.nk, s.d, s.dv, q, k, v, scoring, {}, {}, {}};
  const AttentionReference reference = attentionForward(problem, Rounding{});
  for (std::int64_t row = 0; row < s.b * s.h * s.nq; ++row) {
    const std::int64_t key_head = row / s.nq / s.h * s.hk + row / s.nq % s.h / (s.h / s.hk);
    const std::int64_t n = visibleKeys(scoring, s.nq, s.nk, row % s.nq).end;
    if (n == 0) {
      EXPECT_EQ(reference.lse.value[static_cast<std::size_t>(row)], -INFINITY);
      for (std::int64_t c = 0; c < s.dv; ++c)
        EXPECT_EQ(reference.out.value[static_cast<std::size_t>(row * s.dv + c)], 0);
      continue;
    }
    Real l;
    std::vector<Real> out(static_cast<std::size_t>(s.dv));
    for (std::int64_t j = 0; j < n; ++j) {
      Real dot;
      for (std::int64_t e = 0; e < s.d; ++e)
        dot = dot + Real(q[static_cast<std::size_t>(row * s.d + e)]) *
                        Real(k[static_cast<std::size_t>((key_head * s.nk + j) * s.d + e)]);
      const Real weight = exp(dot * Real(scoring.scale));
      l = l + weight;
      for (std::int64_t c = 0; c < s.dv; ++c)
        out[static_cast<std::size_t>(c)] = out[static_cast<std::size_t>(c)] +
                                           weight * Real(v[static_cast<std::size_t>((key_head * s.nk + j) * s.dv + c)]);
    }
    for (std::int64_t c = 0; c < s.dv; ++c)
      expectClose(reference.out, static_cast<std::size_t>(row * s.dv + c), out[static_cast<std::size_t>(c)] / l, "O");
    expectClose(reference.lse, static_cast<std::size_t>(row), log(l), "LSE");
  }
}

TEST(Mpfr, Attention) {
  checkAttention({1, 1, 1, 1, 1, 1, 1, Causal::None, 1}, 1);
  checkAttention({2, 2, 2, 5, 7, 8, 8, Causal::None, 1}, 2);
  checkAttention({1, 1, 1, 3, 70, 16, 5, Causal::None, 10}, 3);
  checkAttention({1, 1, 1, 2, 33, 16, 4, Causal::None, 100}, 4);
}

TEST(Mpfr, AttentionWithGroupsAndMasks) {
  checkAttention({2, 6, 2, 4, 9, 8, 3, Causal::None, 1}, 5);
  checkAttention({1, 4, 1, 6, 6, 8, 4, Causal::TopLeft, 1}, 6);
  checkAttention({1, 2, 1, 4, 9, 8, 4, Causal::BottomRight, 1}, 7);
  checkAttention({1, 2, 1, 9, 4, 8, 4, Causal::BottomRight, 1}, 8); // the first five queries see no key
  checkAttention({1, 2, 1, 9, 4, 8, 4, Causal::TopLeft, 1}, 9);
}

TEST(Mpfr, MasksAreAlignedAsDocumented) {
  const Scoring bottom_right{.causal = Causal::BottomRight}, top_left{.causal = Causal::TopLeft};
  EXPECT_EQ(visibleKeys(bottom_right, 3, 5, 0).end, 3);
  EXPECT_EQ(visibleKeys(bottom_right, 3, 5, 2).end, 5);
  EXPECT_EQ(visibleKeys(top_left, 3, 5, 0).end, 1);
  EXPECT_EQ(visibleKeys(top_left, 3, 5, 2).end, 3);
  EXPECT_EQ(visibleKeys(bottom_right, 3, 1, 1).count(), 0);
  EXPECT_EQ(visibleKeys(bottom_right, 3, 1, 2).end, 1);
  // A window of one key before and after: query 0 of 3 stands at key 2 of 5.
  const Scoring window{.left = 1, .right = 1};
  EXPECT_EQ(visibleKeys(window, 3, 5, 0).first, 1);
  EXPECT_EQ(visibleKeys(window, 3, 5, 0).end, 4);
  EXPECT_EQ(visibleKeys(window, 3, 5, 2).end, 5);
  EXPECT_EQ(visibleKeys(window, 9, 2, 0).count(), 0) << "position -7 is far from every key";
}

TEST(Mpfr, Softmax) {
  for (double amplitude : {1.0, 100.0}) {
    Random random(11);
    const std::int64_t n = 40;
    const auto x = draw(static_cast<std::size_t>(2 * n), amplitude, random);
    const Reference reference = softmax({2, n, x, 0.5}, Rounding{});
    for (std::int64_t row = 0; row < 2; ++row) {
      Real l;
      for (std::int64_t j = 0; j < n; ++j)
        l = l + exp(Real(x[static_cast<std::size_t>(row * n + j)]) * Real(0.5));
      for (std::int64_t j = 0; j < n; ++j) {
        const auto at = static_cast<std::size_t>(row * n + j);
        expectClose(reference, at, exp(Real(x[at]) * Real(0.5)) / l, "y");
      }
    }
  }
}

TEST(Mpfr, LayerNorm) {
  for (double offset : {0.0, 1000.0}) {
    Random random(12);
    const std::int64_t n = 50;
    auto x = draw(static_cast<std::size_t>(n), 1, random);
    for (double& value : x)
      value = static_cast<float>(value + offset);
    const auto gamma = draw(static_cast<std::size_t>(n), 1, random),
               beta = draw(static_cast<std::size_t>(n), 1, random);
    const Reference reference = layerNorm({1, n, x, gamma, beta, 1e-5}, Rounding{});
    Real mean, variance;
    for (double value : x)
      mean = mean + Real(value);
    mean = mean / Real(static_cast<double>(n));
    for (double value : x)
      variance = variance + (Real(value) - mean) * (Real(value) - mean);
    const Real deviation = sqrt(variance / Real(static_cast<double>(n)) + Real(1e-5));
    for (std::size_t j = 0; j < x.size(); ++j)
      expectClose(reference, j, (Real(x[j]) - mean) / deviation * Real(gamma[j]) + Real(beta[j]), "y");
  }
}

} // namespace
} // namespace kverify::oracle
