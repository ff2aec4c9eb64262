// The impostors are what they say, the derived bound rejects them all, and inputs that tell nothing are found out.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../oracle/simulated_kernels.h"
#include "fuzz/adequacy/adequacy.h"

namespace kverify {
namespace {

using adequacy::Impostor;
using adequacy::impostorsOf;
using testing::Mistake;
using ::testing::Contains;
using ::testing::IsEmpty;

struct Launch {
  LaunchPlan plan;
  properties::Setting setting;
  judge::References references;
};

Launch launchOf(const Contract& contract, const char* family, std::uint64_t seed, Sizes free) {
  auto sizes = completeSizes(contract, free);
  EXPECT_TRUE(sizes) << sizes.error().message;
  auto plan = generate::buildPlan(contract, testing::signatureOf(contract),
                                  {.seed = seed, .family = family, .sizes = *sizes});
  EXPECT_TRUE(plan) << plan.error().message;
  auto setting = properties::settingAt(contract, *sizes, seed);
  auto references = judge::askReferences(contract, *plan);
  EXPECT_TRUE(references) << references.error().message;
  return {std::move(*plan), std::move(*setting), std::move(*references)};
}

Sizes small(const Contract& contract, std::int64_t n) {
  Sizes free;
  for (const SizeDecl& size : contract.sizes) {
    if (size.kind == SizeDecl::Kind::List)
      free[size.name] = size.list.back();
    if (size.kind == SizeDecl::Kind::Range)
      free[size.name] = std::min<std::int64_t>(size.high, size.name.starts_with("N") ? n : 2);
  }
  return free;
}

adequacy::Score scoreOf(const Contract& contract, std::vector<const char*> families, std::int64_t n) {
  adequacy::Score score;
  for (const char* family : families) {
    Launch one = launchOf(contract, family, 1, small(contract, n)), other = launchOf(contract, family, 2, small(contract, n));
    score.add(one.setting, one.references, impostorsOf(one.setting, one.plan, one.references, other.references));
  }
  return score;
}

const Impostor* named(const std::vector<Impostor>& all, const char* name) {
  for (const Impostor& one : all)
    if (one.name == name)
      return &one;
  return nullptr;
}

TEST(Adequacy, NormalInputsRejectEveryImpostorOfEveryOperation) {
  for (const char* dtype : {"f32", "f16", "bf16"})
    for (const char* causal : {"none", "bottom-right"}) {
      Contract contract = testing::attentionContract(dtype, causal, dtype);
      adequacy::Score score = scoreOf(contract, {"normal"}, 24);
      EXPECT_GE(score.total(), 12u);
      EXPECT_THAT(score.survivors(), IsEmpty()) << dtype << ", causal " << causal;
    }
  for (const Contract& contract : {testing::softmaxContract(), testing::layerNormContract("two-pass")}) {
    adequacy::Score score = scoreOf(contract, {"normal"}, 24);
    EXPECT_GE(score.total(), 5u);
    EXPECT_THAT(score.survivors(), IsEmpty()) << contract.spec->name;
  }
}

TEST(Adequacy, InputsThatTellNothingLeaveSurvivors) {
  // With Q = K = 0 the weights are uniform by right: nothing about scores is tested.
  Contract contract = testing::attentionContract("f32", "none", "f32");
  adequacy::Score score = scoreOf(contract, {"one-hot-values"}, 24);
  for (const adequacy::Fate& fate : score.fates())
    if (fate.name == "uniform weights (mean of V)") {
      EXPECT_FALSE(fate.differs) << "it is the right answer here: neither rejected nor a survivor";
    }
  EXPECT_EQ(score.rejected() + score.survivors().size(), score.total());
}

TEST(Adequacy, ABoundThatIsTooWideIsNamedWithItsSurvivor) {
  Contract contract = testing::attentionContract("f32", "none", "f32");
  Launch one = launchOf(contract, "uniform", 1, small(contract, 24));
  std::vector<Impostor> impostors = impostorsOf(one.setting, one.plan, one.references, {});
  for (auto& [role, reference] : one.references)
    for (double& bound : reference.bound)
      bound = 0.3; // as a tolerance that many tests have
  adequacy::Score score;
  score.add(one.setting, one.references, impostors);
  EXPECT_LT(score.rejected(), score.total());
  EXPECT_THAT(score.survivors(), Contains("the last key lost"));
}

/// The result of a simulated kernel with a mistake, against the impostor that claims to be the same.
void expectSame(const Contract& contract, const char* impostor, Mistake mistake) {
  Launch one = launchOf(contract, "normal", 3, small(contract, 20));
  std::vector<Impostor> all = impostorsOf(one.setting, one.plan, one.references, {});
  const Impostor* claimed = named(all, impostor);
  ASSERT_NE(claimed, nullptr) << impostor;
  auto buffers = testing::runAttention(contract, one.plan, Arithmetic::F32, 16, mistake);
  auto got = properties::denseOutputs(contract, one.plan, one.setting.axes, buffers);
  const std::vector<double>& want = claimed->values.at("O");
  ASSERT_EQ(got.at("O").size(), want.size());
  std::size_t apart = 0;
  for (std::size_t i = 0; i < want.size(); ++i)
    apart += std::fabs(got.at("O")[i] - want[i]) > 1e-4;
  EXPECT_EQ(apart, 0u) << impostor << " is not what a kernel with that mistake gives";
}

TEST(Impostors, AreTheResultsOfTheMistakesThatTheyAreNamedAfter) {
  expectSame(testing::attentionContract("f32", "none", "f32"), "uniform weights (mean of V)", Mistake::MeanV);
  expectSame(testing::attentionContract("f32", "none", "f32"), "the last key lost", Mistake::LostKey);
  expectSame(testing::attentionContract("f32", "none", "f32"), "zeros", Mistake::Zeros);
}

} // namespace
} // namespace kverify
