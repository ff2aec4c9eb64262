// Backward references against central differences of the forward references: both are in fp64, so that they agree to
// about the root of its precision.
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/generate/random.h"
#include "fuzz/oracle/attention_backward.h"
#include "fuzz/oracle/norms.h"
#include "fuzz/oracle/rope.h"
#include "fuzz/oracle/rows.h"

namespace kverify::oracle {
namespace {

using Values = std::vector<double>;

Values draw(std::int64_t count, std::uint64_t seed) {
  generate::Random random(seed);
  Values values(static_cast<std::size_t>(count));
  for (double& value : values)
    value = random.normal();
  return values;
}

/// Of sum_i weight_i f(x)_i, by every element of x.
Values differences(Values& x, const Values& weights, const std::function<Values()>& f) {
  constexpr double kStep = 1e-5;
  Values gradient;
  for (double& element : x) {
    const double before = element;
    double sides[2];
    for (int side : {0, 1}) {
      element = before + (side ? kStep : -kStep);
      const Values y = f();
      sides[side] = 0;
      for (std::size_t i = 0; i < y.size(); ++i)
        sides[side] += weights[i] * y[i];
    }
    element = before;
    gradient.push_back((sides[1] - sides[0]) / (2 * kStep));
  }
  return gradient;
}

void expectNear(const Values& got, const Values& wanted, const char* what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], wanted[i], 1e-7 * (1 + std::fabs(wanted[i]))) << what << " element " << i;
}

Values flat(const Bounded& bounded) {
  return {bounded.value.data(), bounded.value.data() + bounded.value.size()};
}

void checkAttention(const Scoring& scoring, std::int64_t nq, std::int64_t nk, bool with_slopes, bool with_bias) {
  AttentionProblem a;
  a.b = 2, a.h = 4, a.hk = 2, a.nq = nq, a.nk = nk, a.d = 3, a.dv = 5;
  a.scoring = scoring;
  Values q = draw(a.b * a.h * nq * a.d, 1), k = draw(a.b * a.hk * nk * a.d, 2), v = draw(a.b * a.hk * nk * a.dv, 3);
  const Values dout = draw(a.b * a.h * nq * a.dv, 4), slopes = draw(a.b * a.h, 5), bias = draw(a.b * a.h * nq * nk, 6);
  a.q = q;
  a.k = k;
  a.v = v;
  if (with_slopes)
    a.slopes = slopes;
  if (with_bias)
    a.bias = bias;
  const Rounding r;
  const AttentionReference forward = attentionForward(a, r);
  const AttentionGradients gradients = attentionBackward({a, forward.out.value, forward.lse.value, dout}, r, r, r);
  auto out = [&] { return attentionForward(a, r).out.value; };
  expectNear(gradients.dq.value, differences(q, dout, out), "dQ");
  expectNear(gradients.dk.value, differences(k, dout, out), "dK");
  expectNear(gradients.dv.value, differences(v, dout, out), "dV");
}

TEST(Gradients, Attention) {
  checkAttention({.scale = 0.7}, 3, 4, false, false);
  checkAttention({.scale = 0.7, .causal = Causal::BottomRight}, 3, 5, false, false);
  checkAttention({.scale = 0.7, .causal = Causal::BottomRight}, 5, 3, false, false); // two rows see no key
  checkAttention({.scale = 0.7, .causal = Causal::TopLeft, .left = 1}, 4, 4, true, false);
  checkAttention({.scale = 0.7, .softcap = 1.5}, 3, 4, false, true);
  checkAttention({.scale = -0.4, .left = 2, .right = 1, .softcap = 0.8}, 4, 5, true, true);
}

TEST(Gradients, LayerNormAndRmsNorm) {
  const std::int64_t rows = 3, n = 7;
  for (double offset : {0.0, 1.0})
    for (bool is_rms : {false, true}) {
      Values x = draw(rows * n, 1), gamma = draw(n, 2), beta = draw(n, 3);
      const Values dy = draw(rows * n, 4);
      const double weight_offset = is_rms ? offset : 0;
      const Rounding r;
      auto y = [&] {
        return is_rms ? flat(rmsNorm({rows, n, x, gamma, 1e-3, weight_offset}, r).y)
                      : layerNorm({rows, n, x, gamma, beta, 1e-3}, r).value;
      };
      const NormBackwardProblem problem{rows, n, x, dy, gamma, {}, {}, 1e-3, weight_offset};
      const NormGradients gradients = is_rms ? rmsNormBackward(problem, r) : layerNormBackward(problem, r);
      expectNear(flat(gradients.dx), differences(x, dy, y), "dx");
      expectNear(flat(gradients.dgamma), differences(gamma, dy, y), "dgamma");
      if (!is_rms)
        expectNear(flat(gradients.dbeta), differences(beta, dy, y), "dbeta");
    }
}

TEST(Gradients, CrossEntropy) {
  const std::int64_t rows = 4, classes = 5;
  Values x = draw(rows * classes, 1);
  const std::vector<std::int64_t> labels = {2, -100, 0, 4};
  for (auto reduction : {CrossEntropyProblem::Reduction::Sum, CrossEntropyProblem::Reduction::Mean})
    for (double smoothing : {0.0, 0.2}) {
      const CrossEntropyProblem problem{rows, classes, x, labels, {}, -100, smoothing, 1, reduction};
      const Rounding r;
      auto total = [&] { return flat(crossEntropy(problem, r).total); };
      expectNear(flat(crossEntropy(problem, r).gradient), differences(x, {1}, total), "dlogits");
    }
  const Values dloss = draw(rows, 2);
  const CrossEntropyProblem problem{
      rows, classes, x, labels, dloss, -100, 0.1, 1, CrossEntropyProblem::Reduction::None};
  auto losses = [&] { return flat(crossEntropy(problem, Rounding{}).loss); };
  expectNear(flat(crossEntropy(problem, Rounding{}).gradient), differences(x, dloss, losses), "dlogits");
}

TEST(Gradients, TheInverseTurnIsTheGradientOfRope) {
  for (bool interleaved : {false, true}) {
    Values x = draw(2 * 3 * 8, 1);
    const Values dy = draw(2 * 3 * 8, 2);
    RopeProblem forward;
    forward.b = 1, forward.h = 2, forward.n = 3, forward.d = 8, forward.rotary = 6;
    forward.interleaved = interleaved;
    forward.x = x;
    RopeProblem backward = forward;
    backward.x = dy;
    backward.inverse = true;
    expectNear(rope(backward, Rounding{}).value, differences(x, dy, [&] { return rope(forward, Rounding{}).value; }),
               "dx");
  }
}

} // namespace
} // namespace kverify::oracle
