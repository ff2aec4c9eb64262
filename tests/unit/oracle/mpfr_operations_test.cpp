// The references of the later operations against their formulas at 200 bits, written as in a textbook.
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/generate/random.h"
#include "fuzz/oracle/activation.h"
#include "fuzz/oracle/attention_backward.h"
#include "fuzz/oracle/attention_layouts.h"
#include "fuzz/oracle/matmul.h"
#include "fuzz/oracle/norms.h"
#include "fuzz/oracle/reduction.h"
#include "fuzz/oracle/rope.h"
#include "fuzz/oracle/rows.h"
#include "real.h"

namespace kverify::oracle {
namespace {

using kverify::testing::Real;
using Values = std::vector<double>;

constexpr double kInvisible = 1e-5; ///< of the bound, as in mpfr_test.cpp

Values draw(std::int64_t count, std::uint64_t seed, double scale = 1) {
  generate::Random random(seed);
  Values values(static_cast<std::size_t>(count));
  for (double& value : values)
    value = static_cast<float>(scale * random.normal());
  return values;
}

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

void expectClose(double value, double bound, const Real& exact, const char* what) {
  EXPECT_LE(std::fabs((Real(value) - exact).toDouble()), kInvisible * bound) << what << " is " << value;
}

void expectClose(const Reference& reference, std::int64_t i, const Real& exact, const char* what) {
  expectClose(reference.value[at(i)], reference.bound[at(i)], exact, what);
}

void expectClose(const Bounded& b, std::int64_t i, const Real& exact, const char* what) {
  expectClose(b.value.data()[i], b.error.data()[i], exact, what);
}

Real dot(const Values& a, std::int64_t i, const Values& b, std::int64_t j, std::int64_t n) {
  Real sum;
  for (std::int64_t e = 0; e < n; ++e)
    sum = sum + Real(a[at(i + e)]) * Real(b[at(j + e)]);
  return sum;
}

struct Head {
  std::int64_t nq = 4, nk = 6, d = 5, dv = 3;
  Values q = draw(nq * d, 1), k = draw(nk * d, 2), v = draw(nk * dv, 3), dout = draw(nq * dv, 4);
  double slope = 0.3;
  Scoring scoring{.scale = 0.7, .causal = Causal::BottomRight, .left = 3, .softcap = 1.25};

  AttentionProblem problem(const Values& slopes) const {
    AttentionProblem a;
    a.nq = nq, a.nk = nk, a.d = d, a.dv = dv;
    a.q = q, a.k = k, a.v = v;
    a.scoring = scoring;
    a.slopes = slopes;
    return a;
  }
  bool sees(std::int64_t i, std::int64_t j) const { return j <= i + nk - nq && j >= i + nk - nq - scoring.left; }
  Real capped(std::int64_t i, std::int64_t j) const {
    return tanh(dot(q, i * d, k, j * d, d) * Real(scoring.scale) / Real(scoring.softcap));
  }
  Real weight(std::int64_t i, std::int64_t j) const {
    return exp(Real(scoring.softcap) * capped(i, j) -
               Real(slope) * Real(static_cast<double>(std::abs(i + nk - nq - j))));
  }
};

TEST(MpfrOperations, AttentionWithSoftcapWindowAndAlibiForwardAndBackward) {
  const Head h;
  const Values slopes = {h.slope};
  const AttentionProblem problem = h.problem(slopes);
  const Rounding r;
  const AttentionReference forward = attentionForward(problem, r);
  const AttentionBackwardProblem backward{problem, forward.out.value, forward.lse.value, h.dout};
  const AttentionGradients gradients = attentionBackward(backward, r, r, r);
  std::vector<Real> dk(at(h.nk * h.d)), dv(at(h.nk * h.dv));
  for (std::int64_t i = 0; i < h.nq; ++i) {
    Real l;
    std::vector<Real> out(at(h.dv)), dq(at(h.d));
    for (std::int64_t j = 0; j < h.nk; ++j)
      if (h.sees(i, j))
        l = l + h.weight(i, j);
    Real delta;
    for (std::int64_t c = 0; c < h.dv; ++c) {
      for (std::int64_t j = 0; j < h.nk; ++j)
        if (h.sees(i, j))
          out[at(c)] = out[at(c)] + h.weight(i, j) / l * Real(h.v[at(j * h.dv + c)]);
      expectClose(forward.out, i * h.dv + c, out[at(c)], "O");
      delta = delta + Real(h.dout[at(i * h.dv + c)]) * Real(forward.out.value[at(i * h.dv + c)]);
    }
    expectClose(forward.lse, i, log(l), "LSE");
    for (std::int64_t j = 0; j < h.nk; ++j) {
      if (!h.sees(i, j))
        continue;
      const Real p = h.weight(i, j) / exp(Real(forward.lse.value[at(i)])), t = h.capped(i, j);
      const Real ds =
          p * (dot(h.dout, i * h.dv, h.v, j * h.dv, h.dv) - delta) * (Real(1) - t * t) * Real(h.scoring.scale);
      for (std::int64_t e = 0; e < h.d; ++e) {
        dq[at(e)] = dq[at(e)] + ds * Real(h.k[at(j * h.d + e)]);
        dk[at(j * h.d + e)] = dk[at(j * h.d + e)] + ds * Real(h.q[at(i * h.d + e)]);
      }
      for (std::int64_t c = 0; c < h.dv; ++c)
        dv[at(j * h.dv + c)] = dv[at(j * h.dv + c)] + p * Real(h.dout[at(i * h.dv + c)]);
    }
    for (std::int64_t e = 0; e < h.d; ++e)
      expectClose(gradients.dq, i * h.d + e, dq[at(e)], "dQ");
  }
  for (std::int64_t i = 0; i < h.nk * h.d; ++i)
    expectClose(gradients.dk, i, dk[at(i)], "dK");
  for (std::int64_t i = 0; i < h.nk * h.dv; ++i)
    expectClose(gradients.dv, i, dv[at(i)], "dV");
}

TEST(MpfrOperations, MergedSplitsAreTheWhole) {
  const Head h;
  const Values slopes = {h.slope};
  const AttentionProblem problem = h.problem(slopes);
  const AttentionReference whole = attentionForward(problem, Rounding{}),
                           split = attentionSplit(problem, 3, 2, Rounding{});
  const AttentionReference merged =
      attentionMerge({3, h.nq, h.dv, split.out.value, split.lse.value, MaskedRow::Zero}, Rounding{});
  for (std::size_t i = 0; i < whole.out.value.size(); ++i)
    EXPECT_NEAR(merged.out.value[i], whole.out.value[i], 1e-14);
  for (std::size_t i = 0; i < whole.lse.value.size(); ++i)
    EXPECT_NEAR(merged.lse.value[i], whole.lse.value[i], 1e-14);
}

TEST(MpfrOperations, LogSoftmaxAndCrossEntropy) {
  const std::int64_t rows = 3, n = 11;
  const Values x = draw(rows * n, 5, 20);
  const std::vector<std::int64_t> labels = {4, 0, 10};
  const Reference y = logSoftmax({rows, n, x, 1}, Rounding{});
  const CrossEntropyReference loss = crossEntropy({rows, n, x, labels, {}, -100, 0.25, 1}, Rounding{});
  for (std::int64_t row = 0; row < rows; ++row) {
    Real l, sum;
    for (std::int64_t j = 0; j < n; ++j) {
      l = l + exp(Real(x[at(row * n + j)]));
      sum = sum + Real(x[at(row * n + j)]);
    }
    const std::int64_t label = labels[at(row)];
    expectClose(loss.loss, row,
                log(l) - Real(0.75) * Real(x[at(row * n + label)]) - Real(0.25) * sum / Real(static_cast<double>(n)),
                "loss");
    for (std::int64_t j = 0; j < n; ++j) {
      const Real e = exp(Real(x[at(row * n + j)]));
      expectClose(y, row * n + j, log(e / l), "y");
      expectClose(loss.gradient, row * n + j,
                  e / l - Real(j == label ? 0.75 : 0.0) - Real(0.25) / Real(static_cast<double>(n)), "dlogits");
    }
  }
}

TEST(MpfrOperations, RmsNormAndGradientsOfTheNorms) {
  const std::int64_t n = 9;
  const Values x = draw(n, 6), dy = draw(n, 7), gamma = draw(n, 8);
  for (bool is_rms : {true, false}) {
    Real mean, square;
    for (double value : x)
      mean = mean + Real(value) / Real(static_cast<double>(n));
    if (is_rms)
      mean = Real(0);
    for (double value : x)
      square = square + (Real(value) - mean) * (Real(value) - mean) / Real(static_cast<double>(n));
    const Real r = Real(1) / sqrt(square + Real(1e-5));
    Real c1, c2;
    for (std::int64_t j = 0; j < n; ++j) {
      const Real g = Real(dy[at(j)]) * Real(gamma[at(j)]) / Real(static_cast<double>(n));
      c1 = c1 + g;
      c2 = c2 + g * (Real(x[at(j)]) - mean) * r;
    }
    const NormBackwardProblem problem{1, n, x, dy, gamma, {}, {}};
    const NormGradients gradients =
        is_rms ? rmsNormBackward(problem, Rounding{}) : layerNormBackward(problem, Rounding{});
    const RmsNormReference forward = rmsNorm({1, n, x, gamma}, Rounding{});
    for (std::int64_t j = 0; j < n; ++j) {
      const Real normal = (Real(x[at(j)]) - mean) * r;
      expectClose(gradients.dx, j, r * (Real(dy[at(j)]) * Real(gamma[at(j)]) - (is_rms ? Real(0) : c1) - normal * c2),
                  "dx");
      expectClose(gradients.dgamma, j, Real(dy[at(j)]) * normal, "dgamma");
      if (is_rms)
        expectClose(forward.y, j, normal * Real(gamma[at(j)]), "y");
    }
  }
}

Real exactly(Activation f, const Real& x) {
  const Real one(1), half(0.5), zero(0);
  switch (f) {
  case Activation::Gelu: return half * x * (one + erf(x / sqrt(Real(2))));
  case Activation::GeluTanh: {
    Real pi(3.14159265358979);
    for (int i = 0; i < 5; ++i)
      pi = pi + sin(pi); // the root of sin near 3: each step trebles the digits
    return half * x * (one + tanh(sqrt(Real(2) / pi) * (x + Real(0.044715) * x * x * x)));
  }
  case Activation::Silu: return x / (one + exp(zero - x));
  case Activation::Sigmoid: return one / (one + exp(zero - x));
  case Activation::Tanh: return tanh(x);
  case Activation::Softplus: return log(one + exp(x));
  case Activation::Elu: return x < zero ? Real(0.5) * (exp(x) - one) : x;
  case Activation::LeakyRelu: return x < zero ? Real(0.5) * x : x;
  case Activation::Relu: return x < zero ? zero : x;
  case Activation::Exp: return exp(x);
  case Activation::Log: return log(x);
  case Activation::Sqrt: return sqrt(x);
  case Activation::Rsqrt: return one / sqrt(x);
  case Activation::Square: return x * x;
  case Activation::Abs: return x < zero ? zero - x : x;
  case Activation::Negate: return zero - x;
  case Activation::None: return x;
  }
  return x;
}

TEST(MpfrOperations, ActivationsAndTheirDerivatives) {
  for (Activation f : {Activation::None, Activation::Relu, Activation::LeakyRelu, Activation::Elu, Activation::Gelu,
                       Activation::GeluTanh, Activation::Silu, Activation::Sigmoid, Activation::Tanh,
                       Activation::Softplus, Activation::Exp, Activation::Log, Activation::Sqrt, Activation::Rsqrt,
                       Activation::Square, Activation::Abs, Activation::Negate}) {
    const bool is_positive = f == Activation::Log || f == Activation::Sqrt || f == Activation::Rsqrt;
    for (double x : {-30.0, -7.5, -3.0, -0.75, -0.01, 0.01, 0.5, 1.0, 2.5, 9.0, 40.0}) {
      if (is_positive && x < 0)
        continue;
      const Bounded y = activate(exact(x), f, 0.5, Rounding{});
      EXPECT_LE(std::fabs((Real(y.value(0, 0)) - exactly(f, Real(x))).toDouble()),
                1e-14 * (std::fabs(y.value(0, 0)) + 1e-3))
          << static_cast<int>(f) << " at " << x;
      // What x's error makes of the result covers both ends of x +- e.
      const double e = 0.125 * std::min(1.0, std::fabs(x));
      const Bounded moved = activate({Array::Constant(1, 1, x), Array::Constant(1, 1, e)}, f, 0.5, Rounding{});
      for (double end : {x - e, x + e})
        EXPECT_LE(std::fabs((exactly(f, Real(end)) - Real(y.value(0, 0))).toDouble()), moved.error(0, 0))
            << static_cast<int>(f) << " from " << x << " to " << end;
    }
  }
}

TEST(MpfrOperations, MatmulReductionsAndRope) {
  const std::int64_t m = 3, n = 4, k = 7;
  const Values a = draw(m * k, 9), b = draw(n * k, 10), c = draw(m * n, 11), bias = draw(n, 12);
  Values b_rows(b.size());
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t e = 0; e < k; ++e)
      b_rows[at(e * n + j)] = b[at(j * k + e)];
  const Reference d = matmul({1, m, n, k, a, b_rows, c, bias, 0.5, 2, Activation::Silu}, Rounding{});
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      expectClose(d, i * n + j,
                  exactly(Activation::Silu, Real(0.5) * dot(a, i * k, b, j * k, k) + Real(2) * Real(c[at(i * n + j)]) +
                                                Real(bias[at(j)])),
                  "D");
  Real sum, squares, exponentials;
  for (double x : a) {
    sum = sum + Real(x);
    squares = squares + Real(x) * Real(x);
    exponentials = exponentials + exp(Real(x));
  }
  const auto count = static_cast<std::int64_t>(a.size());
  auto reduced = [&](Reduction operation) { return reduceRows({1, count, a, operation}, Rounding{}).value; };
  expectClose(reduced(Reduction::Sum), 0, sum, "sum");
  expectClose(reduced(Reduction::Mean), 0, sum / Real(static_cast<double>(count)), "mean");
  expectClose(reduced(Reduction::SumOfSquares), 0, squares, "sum of squares");
  expectClose(reduced(Reduction::Norm), 0, sqrt(squares), "norm");
  expectClose(reduced(Reduction::LogSumExp), 0, log(exponentials), "log sum exp");

  RopeProblem turned;
  turned.n = 3, turned.d = turned.rotary = 6;
  const Values x = draw(turned.n * turned.d, 13);
  turned.x = x;
  const Reference y = rope(turned, Rounding{});
  for (std::int64_t row = 0; row < turned.n; ++row)
    for (std::int64_t pair = 0; pair < 3; ++pair) {
      const Real angle =
          Real(static_cast<double>(row)) * exp(Real(-2) * Real(static_cast<double>(pair)) / Real(6) * log(Real(10000)));
      const Real first(x[at(row * 6 + pair)]), second(x[at(row * 6 + 3 + pair)]);
      expectClose(y, row * 6 + pair, first * cos(angle) - second * sin(angle), "y1");
      expectClose(y, row * 6 + 3 + pair, second * cos(angle) + first * sin(angle), "y2");
    }
}

} // namespace
} // namespace kverify::oracle
