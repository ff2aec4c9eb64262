// Rows far from 0 and scores of -inf: what is drawn, and who is refuted by it.
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fuzz/generate/cases.h"
#include "fuzz/generate/masks.h"
#include "simulation.h"

namespace kverify::testing {
namespace {

using generate::MaskedScores;
using ::testing::Contains;
using ::testing::Not;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Contract softmaxWith(const std::string& options) {
  return contractOf(fmt::format(R"({{
    "contract": 1, "spec": "softmax",
    "sizes": {{ "R": {{ "range": [1, 64] }}, "N": {{ "range": [1, 3000], "try": [31, 32, 33, 1024] }} }},
    "tensors": {{ "x": {{ "dtype": "f32", "shape": ["R", "N"], "access": "read" }},
                  "y": {{ "dtype": "f32", "shape": ["R", "N"], "access": "write" }} }},
    "options": {{ {} }},
    "launches": [ {{ "kernel": "k", "args": ["x", "y"], "grid": ["R"], "block": [32] }} ]
  }})",
                                options));
}

enum class Guard { Zero, None, FirstMaximumZero, Uniform };

/// An online softmax of each row; `Zero` is the only one that is right about masked scores.
Kernel softmaxKernel(const Contract& contract, Guard guard) {
  return [&contract, guard](const LaunchPlan& plan) {
    Simulation sim(contract, plan);
    const std::int64_t n = sim.axis("n");
    std::vector<float> y = sim.in("x");
    for (std::int64_t row = 0; row < sim.axis("rows"); ++row) {
      float* x = y.data() + row * n;
      float m = guard == Guard::FirstMaximumZero ? 0 : -kInfinity, l = 0;
      auto shifted = [&](float by) { return guard != Guard::None && by == -kInfinity ? 0 : by; };
      for (std::int64_t j = 0; j < n; ++j) {
        const float next = std::fmax(m, x[j]);
        l = l * std::exp(m - shifted(next)) + std::exp(x[j] - shifted(next));
        m = next;
      }
      const float inverse = l == 0 && guard == Guard::Zero ? 0 : 1 / l;
      for (std::int64_t j = 0; j < n; ++j)
        x[j] = guard == Guard::Uniform && l == 0 ? 1 / static_cast<float>(n) : std::exp(x[j] - shifted(m)) * inverse;
    }
    sim.out("y", y);
    return sim.contents();
  };
}

TEST(Masks, EachRowHasItsWay) {
  std::set<std::int64_t> masked_of_rows, masked_of_entries;
  for (std::uint64_t row = 0; row < 200; ++row) {
    std::int64_t rows = 0, entries = 0;
    for (std::int64_t at = 0; at < 8; ++at) {
      rows += generate::isMasked(MaskedScores::Rows, 5, row, at, 8);
      entries += generate::isMasked(MaskedScores::Entries, 5, row, at, 8);
    }
    masked_of_rows.insert(rows);
    masked_of_entries.insert(entries);
  }
  EXPECT_TRUE(masked_of_rows.contains(8)) << "some row is masked as a whole";
  EXPECT_TRUE(masked_of_rows.contains(4)) << "some half is";
  EXPECT_FALSE(masked_of_entries.contains(8)) << "no row is, where the contract allows single entries only";
}

TEST(Masks, OnlyWhereTheContractAllowsThem) {
  auto names = [](const std::string& options) { return generate::familyNames(softmaxWith(options)); };
  EXPECT_THAT(names(""), Not(Contains("masked")));
  EXPECT_THAT(names(R"("masked_scores": "none")"), Not(Contains("masked")));
  EXPECT_THAT(names(R"("masked_scores": "entries")"), Contains("masked"));
}

TEST(Masks, ARowOfThemIsWhatTheContractSays) {
  const Contract zero = softmaxWith(R"("masked_scores": "rows", "masked_rows": "zero")");
  const Contract open = softmaxWith(R"("masked_scores": "rows")");
  const Contract entries = softmaxWith(R"("masked_scores": "entries", "masked_rows": "zero")");
  expectCorrect("softmax", zero, softmaxKernel(zero, Guard::Zero));
  expectRefuted("softmax of NaN", zero, softmaxKernel(zero, Guard::None));
  expectRefuted("softmax of uniform masked rows", zero, softmaxKernel(zero, Guard::Uniform));
  expectCorrect("softmax, masked rows open", open, softmaxKernel(open, Guard::Uniform));
  expectRefuted("softmax of NaN where half a row is masked", open, softmaxKernel(open, Guard::None));
  expectCorrect("softmax, no row masked as a whole", entries, softmaxKernel(entries, Guard::Uniform));
}

TEST(Far, RowsBelowZeroShowAMaximumThatStartsThere) {
  const Contract contract = softmaxWith("");
  expectCorrect("softmax", contract, softmaxKernel(contract, Guard::None));
  expectRefuted("softmax with a first maximum of 0", contract, softmaxKernel(contract, Guard::FirstMaximumZero));
}

/// The values of a role of the attention contract with these options.
std::vector<double> drawn(const std::string& options, const char* family, const char* role) {
  const Contract contract = contractOf(fmt::format(R"({{
    "contract": 1, "spec": "attention.forward",
    "sizes": {{ "B": {{ "range": [1, 8] }}, "N": {{ "range": [1, 64] }} }},
    "tensors": {{ "Q": {{ "dtype": "f32", "shape": ["B", 4, "N", 16], "access": "read", "role": "Q" }},
                  "K": {{ "dtype": "f32", "shape": ["B", 4, "N", 16], "access": "read", "role": "K" }},
                  "V": {{ "dtype": "f32", "shape": ["B", 4, "N", 16], "access": "read", "role": "V" }},
                  "O": {{ "dtype": "f32", "shape": ["B", 4, "N", 16], "access": "write", "role": "O" }} }},
    "options": {{ {} }},
    "launches": [ {{ "kernel": "k", "args": ["Q", "K", "V", "O"], "grid": [1], "block": [32] }} ]
  }})",
                                                   options));
  auto plan = generate::buildPlan(contract, signatureOf(contract), {3, family, {{"B", 8}, {"N", 8}}, 0});
  EXPECT_TRUE(plan) << plan.error().message;
  const auto view = judge::viewRole(contract, *plan, axesOf(contract, *plan), role);
  return judge::readDense(view, DType::F32, plan->buffers[view.buffer].bytes);
}

TEST(Masks, AMaskedKeyHasAScoreOfMinusInfinityForEveryQuery) {
  const std::string rows = R"("masked_scores": "rows")";
  const auto q = drawn(rows, "masked", "Q"), k = drawn(rows, "masked", "K"), v = drawn(rows, "masked", "V");
  std::set<std::size_t> masked_of_head;
  std::size_t masked = 0;
  for (std::size_t i = 0; i < k.size(); ++i) {
    if (i % 16 == 0) {
      EXPECT_GT(q[i], 0);
      masked += std::isinf(k[i]);
    } else {
      EXPECT_TRUE(std::isfinite(k[i]));
    }
    EXPECT_TRUE(std::isfinite(v[i]));
    if ((i + 1) % (8 * 16) == 0) {
      masked_of_head.insert(masked);
      masked = 0;
    }
  }
  EXPECT_TRUE(masked_of_head.contains(8)) << "all keys of some head";
  EXPECT_TRUE(masked_of_head.contains(4)) << "half of another's";
}

TEST(Far, ScoresOfAHeadAreFarOnOneSide) {
  const auto q = drawn("", "far", "Q"), k = drawn("", "far", "K");
  std::set<int> sides;
  for (std::size_t head = 0; head < 32; ++head) {
    double score = 0;
    for (std::size_t c = 0; c < 16; ++c)
      score += q[head * 128 + c] * k[head * 128 + c] / 4;
    EXPECT_GT(std::fabs(score), 150);
    EXPECT_LT(std::fabs(score), 250);
    sides.insert(score > 0 ? 1 : -1);
  }
  EXPECT_EQ(sides.size(), 2u);
}

} // namespace
} // namespace kverify::testing
