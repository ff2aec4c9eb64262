// The judge on small hand-made runs: messages, non-finite values, strides and axes.
#include <cmath>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated_kernels.h"

namespace kverify {
namespace {

using ::testing::HasSubstr;
using Contents = std::vector<std::vector<std::uint8_t>>;

struct Prepared {
  Contract contract;
  LaunchPlan plan;
  Contents good;
};

Prepared prepare(const std::string& causal, Sizes sizes, const std::string& family = "normal") {
  Prepared result{testing::attentionContract("f32", causal, "f32"), {}, {}};
  generate::Case one{7, family, std::move(sizes), 0};
  auto plan = generate::buildPlan(result.contract, testing::signatureOf(result.contract), one);
  EXPECT_TRUE(plan) << plan.error().message;
  if (plan)
    result.plan = *plan;
  result.good = testing::runAttention(result.contract, result.plan, Arithmetic::F32, 32);
  return result;
}

void poke(Contents& contents, std::size_t buffer, std::size_t element, float value) {
  std::memcpy(contents[buffer].data() + 4 * element, &value, 4);
}

constexpr std::size_t kOut = 3, kLse = 4;

TEST(Judge, PassesACorrectRunAndCountsIt) {
  Prepared p = prepare("none", {{"B", 1}, {"Hk", 1}, {"G", 1}, {"Nq", 2}, {"Nk", 40}, {"D", 32}});
  auto judgement = judge::judge(p.contract, p.plan, p.good);
  ASSERT_TRUE(judgement) << judgement.error().message;
  EXPECT_EQ(judgement->tier, judge::Tier::Pass);
  EXPECT_EQ(judgement->compared, 2u * 32 + 2);
  EXPECT_GT(judgement->worst_ratio, 0);
  EXPECT_LT(judgement->worst_ratio, 1);
  EXPECT_LT(std::fabs(judgement->signed_mean_error), judgement->mean_bound);
  EXPECT_EQ(judgement->bound_message + judgement->nonfinite_message, "");
}

TEST(Judge, NamesTheElementAndTheBound) {
  Prepared p = prepare("none", {{"B", 1}, {"Hk", 1}, {"G", 3}, {"Nq", 2}, {"Nk", 40}, {"D", 32}});
  poke(p.good, kOut, (1 * 2 + 1) * 32 + 17, 5.0f); // head 1, query 1, channel 17
  auto judgement = judge::judge(p.contract, p.plan, p.good);
  ASSERT_TRUE(judgement) << judgement.error().message;
  EXPECT_EQ(judgement->tier, judge::Tier::Fail);
  EXPECT_EQ(judgement->over_bound, 1u);
  EXPECT_THAT(judgement->bound_message, HasSubstr("O[b=0, h=1, nq=1, dv=17] is 5, the reference "));
  ASSERT_TRUE(judgement->worst);
  EXPECT_EQ(judgement->worst->got, 5.0);
}

TEST(Judge, NamesANonFiniteElement) {
  Prepared p = prepare("none", {{"B", 1}, {"Hk", 1}, {"G", 1}, {"Nq", 2}, {"Nk", 3}, {"D", 32}});
  poke(p.good, kOut, 33, std::numeric_limits<float>::quiet_NaN());
  poke(p.good, kOut, 34, std::numeric_limits<float>::infinity());
  auto judgement = judge::judge(p.contract, p.plan, p.good);
  ASSERT_TRUE(judgement) << judgement.error().message;
  EXPECT_EQ(judgement->tier, judge::Tier::Fail);
  EXPECT_EQ(judgement->nonfinite, 2u);
  EXPECT_EQ(judgement->over_bound, 0u) << "one defect, one check";
  EXPECT_THAT(judgement->nonfinite_message, HasSubstr("O[b=0, h=0, nq=1, dv=1] is nan"));
}

TEST(Judge, AFullyMaskedRowIsZeroAndMinusInfinity) {
  Prepared p = prepare("bottom-right", {{"B", 1}, {"Hk", 1}, {"G", 1}, {"Nq", 3}, {"Nk", 2}, {"D", 32}});
  auto good = judge::judge(p.contract, p.plan, p.good);
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->tier, judge::Tier::Pass) << good->bound_message << good->nonfinite_message;

  Contents wrong_lse = p.good;
  poke(wrong_lse, kLse, 0, 0.0f);
  auto judgement = judge::judge(p.contract, p.plan, wrong_lse);
  ASSERT_TRUE(judgement);
  EXPECT_THAT(judgement->nonfinite_message, HasSubstr("LSE[b=0, h=0, nq=0] is 0, the reference -inf"));

  Contents wrong_out = p.good;
  poke(wrong_out, kOut, 5, 1e-30f);
  EXPECT_EQ(judge::judge(p.contract, p.plan, wrong_out)->over_bound, 1u);
}

TEST(Judge, WithoutASpecThereIsNothingToJudge) {
  auto contract = parseContract("c.json", R"({"contract": 1, "sizes": {}, "tensors": {},
    "launches": [{"kernel": "k", "args": [], "grid": [1], "block": [1]}]})");
  ASSERT_TRUE(contract) << contract.error().message;
  auto judgement = judge::judge(*contract, LaunchPlan{}, {});
  ASSERT_FALSE(judgement);
  EXPECT_THAT(judgement.error().message, HasSubstr("names no spec"));
}

/// Tensors in other orders, with row padding, give the same judgement as contiguous ones.
TEST(Judge, ReadsAnyAxesAndStrides) {
  const char* text = R"({
    "contract": 1, "spec": "attention.forward",
    "sizes": { "N": { "range": [1, 64] }, "D": { "equals": "32" } },
    "tensors": {
      "keys": { "dtype": "f16", "shape": ["N", "D"], "strides": ["D+8", "1"],
                "access": "read", "role": "K", "axes": ["nk", "d"] },
      "q": { "dtype": "f16", "shape": ["N", 2, "D"], "access": "read", "role": "Q", "axes": ["nq", "h", "d"] },
      "vt": { "dtype": "f16", "shape": ["D", "N"], "strides": ["N+1", "1"],
              "access": "read", "role": "V", "axes": ["dv", "nk"] },
      "o": { "dtype": "f16", "shape": ["N", "D", 2], "access": "write", "role": "O", "axes": ["nq", "dv", "h"] }
    },
    "launches": [ { "kernel": "k", "args": ["keys", "q", "vt", "o"], "grid": [1], "block": [1] } ],
    "precision": { "p": "f16" }
  })";
  auto contract = parseContract("c.json", text);
  ASSERT_TRUE(contract) << contract.error().place << contract.error().message;
  auto plan = generate::buildPlan(*contract, testing::signatureOf(*contract), {3, "normal", {{"N", 33}}, 0});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->buffers[0].elements, 32 * 40 + 32);
  EXPECT_EQ(plan->buffers[0].bytes[2 * 33], 0xFF) << "padding between rows holds NaN";
  Contents good = testing::runAttention(*contract, *plan, Arithmetic::F16, 16);
  auto judgement = judge::judge(*contract, *plan, good);
  ASSERT_TRUE(judgement) << judgement.error().message;
  EXPECT_EQ(judgement->tier, judge::Tier::Pass) << judgement->bound_message << judgement->nonfinite_message;
  EXPECT_EQ(judgement->compared, 33u * 2 * 32);
  Contents bad = testing::runAttention(*contract, *plan, Arithmetic::F16, 16, testing::Mistake::LostKey);
  EXPECT_EQ(judge::judge(*contract, *plan, bad)->tier, judge::Tier::Fail);
}

} // namespace
} // namespace kverify
