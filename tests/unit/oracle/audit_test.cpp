// Whole audits of simulated kernels: every correct one passes on all cases, every broken one is refuted by some case.
#include <gtest/gtest.h>

#include "simulation.h"

namespace kverify {
namespace {

using testing::Mistake;
using testing::NormMistake;
using testing::audit;
using testing::AuditResult;

void printRatio(const std::string& what, double ratio) {
  std::printf("%-44s worst error/bound of a correct kernel %.3f\n", what.c_str(), ratio);
}

struct Flavour {
  const char* dtype;
  Arithmetic p;
};

void PrintTo(const Flavour& flavour, std::ostream* out) {
  *out << flavour.dtype;
}

class Attention : public ::testing::TestWithParam<Flavour> {
protected:
  AuditResult run(const char* causal, Mistake mistake) const {
    Contract contract = testing::attentionContract(GetParam().dtype, causal, GetParam().dtype);
    return audit(contract, [&](const LaunchPlan& plan) {
      return testing::runAttention(contract, plan, GetParam().p, 32, mistake);
    });
  }
};

TEST_P(Attention, CorrectKernelsStayUnderTheBound) {
  for (const char* causal : {"none", "bottom-right"}) {
    AuditResult result = run(causal, Mistake::None);
    EXPECT_GE(result.cases, 24u);
    EXPECT_EQ(result.failed, 0u) << result.first_message;
    EXPECT_EQ(result.review, 0u) << "a correct kernel is above the tight tier";
    // Rounding a result below the normal numbers takes half a step of the smallest, and little else is in its bound.
    const bool is_tiny = result.worst.find("family subnormals") != std::string::npos;
    EXPECT_LT(result.worst_ratio, is_tiny ? 1 : 0.9) << result.worst;
    printRatio(std::string("attention.forward, causal ") + causal + ", " + GetParam().dtype, result.worst_ratio);
  }
}

TEST_P(Attention, EveryMistakeIsRefuted) {
  for (Mistake mistake : {Mistake::ScaleOnePercent, Mistake::ScaleTwice, Mistake::PaddingKey, Mistake::LostKey,
                          Mistake::LostKeyInTile, Mistake::NoRescaleAcc, Mistake::NoRescaleL, Mistake::MeanV,
                          Mistake::Zeros, Mistake::NoMaxShift, Mistake::WrongKeyHead}) {
    AuditResult result = run("none", mistake);
    EXPECT_GT(result.failed, 0u) << testing::nameOf(mistake) << " passes as attention in " << GetParam().dtype
                                 << "; worst ratio " << result.worst_ratio;
  }
  for (Mistake mistake : {Mistake::CausalOffByOne, Mistake::CausalPeek}) {
    AuditResult result = run("bottom-right", mistake);
    EXPECT_GT(result.failed, 0u) << testing::nameOf(mistake) << " passes as causal attention in " << GetParam().dtype;
  }
}

TEST_P(Attention, ALowPrecisionAccumulatorIsRefuted) {
  AuditResult result = run("none", Mistake::HalfAccumulator);
  EXPECT_GT(result.failed, 0u) << "an fp16 accumulator passes as f32; worst ratio " << result.worst_ratio;
}

INSTANTIATE_TEST_SUITE_P(Types, Attention,
                         ::testing::Values(Flavour{"f32", Arithmetic::F32}, Flavour{"f16", Arithmetic::F16},
                                           Flavour{"bf16", Arithmetic::BF16}),
                         [](const auto& flavour) { return std::string(flavour.param.dtype); });

TEST(Softmax, CorrectPassesAndMistakesAreRefuted) {
  Contract contract = testing::softmaxContract();
  auto run = [&](Mistake mistake, int tile) {
    return audit(contract, [&](const LaunchPlan& plan) { return testing::runSoftmax(contract, plan, tile, mistake); });
  };
  for (int tile : {1, 32, 4096}) {
    AuditResult result = run(Mistake::None, tile);
    EXPECT_EQ(result.failed, 0u) << result.first_message;
    // Of results below 2^-126 the rounding of the exponential and of the store are all that there is: next to 1 by
    // right.
    EXPECT_LT(result.worst_ratio, 0.99) << result.worst;
    printRatio("softmax, tile " + std::to_string(tile), result.worst_ratio);
  }
  for (Mistake mistake :
       {Mistake::LostKey, Mistake::PaddingKey, Mistake::NoRescaleL, Mistake::NoMaxShift, Mistake::Zeros})
    EXPECT_GT(run(mistake, 32).failed, 0u) << testing::nameOf(mistake) << " passes as softmax";
}

TEST(LayerNorm, CorrectPassesAndMistakesAreRefuted) {
  Contract contract = testing::layerNormContract("two-pass");
  auto run = [&](NormMistake mistake) {
    return audit(contract, [&](const LaunchPlan& plan) { return testing::runLayerNorm(contract, plan, mistake); });
  };
  AuditResult result = run(NormMistake::None);
  EXPECT_EQ(result.failed, 0u) << result.first_message;
  EXPECT_LT(result.worst_ratio, 0.9) << result.worst;
  printRatio("layer_norm, two-pass", result.worst_ratio);
  for (NormMistake mistake :
       {NormMistake::OnePass, NormMistake::DivideByNMinusOne, NormMistake::NoEps, NormMistake::LostElement,
        NormMistake::NoBeta, NormMistake::GammaAfterBeta, NormMistake::Zeros, NormMistake::CopyInput})
    EXPECT_GT(run(mistake).failed, 0u) << testing::nameOf(mistake) << " passes as layer norm";
}

TEST(LayerNorm, OnePassIsCorrectWhereItIsDeclaredAndClamped) {
  Contract contract = testing::layerNormContract("one-pass");
  auto run = [&](NormMistake mistake) {
    return audit(contract, [&](const LaunchPlan& plan) { return testing::runLayerNorm(contract, plan, mistake); });
  };
  AuditResult clamped = run(NormMistake::OnePassClamped);
  EXPECT_EQ(clamped.failed, 0u) << clamped.first_message;
  // A negative variance is a NaN in production, whatever precision was declared.
  EXPECT_GT(run(NormMistake::OnePass).failed, 0u);
}

} // namespace
} // namespace kverify
