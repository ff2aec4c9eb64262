// Every property holds for correct kernels of every precision, and each is broken by the mistakes that it is there for.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <set>

#include <gtest/gtest.h>

#include "../oracle/simulated_kernels.h"
#include "fuzz/properties/property.h"

namespace kverify {
namespace {

using properties::Property;
using testing::Mistake;
using testing::NormMistake;
using Buffers = std::vector<std::vector<std::uint8_t>>;

struct Trial {
  bool applies = false;
  std::optional<std::string> violation;
};

properties::Result resultOf(const properties::Setting& setting, const LaunchPlan& plan, const Buffers& buffers,
                            bool has_reference) {
  properties::Result result{properties::denseOutputs(setting.contract, plan, setting.axes, buffers), {}};
  if (!has_reference)
    return result;
  auto references = judge::askReferences(setting.contract, plan);
  EXPECT_TRUE(references) << references.error().message;
  if (references)
    result.references = std::move(*references);
  return result;
}

template <class Kernel>
Trial tryProperty(const Contract& contract, const Property& property, const Sizes& sizes, Kernel kernel) {
  generate::Case one{.seed = 11, .family = "normal", .sizes = sizes};
  auto plan = generate::buildPlan(contract, testing::signatureOf(contract), one);
  auto setting = properties::settingAt(contract, sizes, 5);
  EXPECT_TRUE(plan && setting) << (plan ? "" : plan.error().message);
  if (!plan || !setting || !property.appliesTo(*setting))
    return {};
  property.prepare(*setting, *plan);
  auto base = resultOf(*setting, *plan, kernel(*plan), true);
  property.change(*setting, *plan);
  auto changed = resultOf(*setting, *plan, kernel(*plan), property.hasSecondReference());
  return {true, property.violation(*setting, base, changed)};
}

const Property& named(const char* name) {
  const Property* property = properties::findProperty(name);
  EXPECT_NE(property, nullptr) << name;
  return property ? *property : *properties::allProperties().front();
}

/// At sizes of which each has more than one of everything.
Sizes sizesOf(const Contract& contract) {
  Sizes free;
  for (const SizeDecl& size : contract.sizes) {
    if (size.kind == SizeDecl::Kind::List)
      free[size.name] = size.list.back();
    if (size.kind == SizeDecl::Kind::Range)
      free[size.name] = std::min<std::int64_t>(size.high, size.name.starts_with("N") ? 37 : 3);
  }
  auto sizes = completeSizes(contract, free);
  EXPECT_TRUE(sizes) << sizes.error().message;
  return sizes ? *sizes : free;
}

TEST(Properties, NamesAreDistinctAndChecksRegisteredIds) {
  std::set<std::string_view> names;
  for (const Property* property : properties::allProperties()) {
    EXPECT_TRUE(names.insert(property->name()).second) << property->name();
    EXPECT_TRUE(std::string_view(property->check()).starts_with("property.")) << property->name();
    EXPECT_EQ(properties::findProperty(property->name()), property);
  }
  EXPECT_EQ(names.size(), 25u);
}

TEST(Properties, HoldForCorrectAttentionOfEveryPrecision) {
  std::size_t applied = 0;
  for (auto [dtype, p] : {std::pair("f32", Arithmetic::F32), std::pair("bf16", Arithmetic::BF16),
                          std::pair("f16", Arithmetic::F16)})
    for (const char* causal : {"none", "bottom-right"}) {
      Contract contract = testing::attentionContract(dtype, causal, dtype);
      for (const Property* property : properties::allProperties()) {
        Trial trial = tryProperty(contract, *property, sizesOf(contract), [&](const LaunchPlan& plan) {
          return testing::runAttention(contract, plan, p, 16);
        });
        applied += trial.applies;
        EXPECT_FALSE(trial.violation) << property->name() << ", " << dtype << ", causal " << causal << ": "
                                      << *trial.violation;
      }
    }
  EXPECT_GE(applied, 6u * 9u) << "hardly any property applies: nothing was tested";
}

TEST(Properties, HoldForCorrectRows) {
  std::size_t applied = 0;
  Contract softmax = testing::softmaxContract(), norm = testing::layerNormContract("two-pass");
  for (const Property* property : properties::allProperties()) {
    Trial rows = tryProperty(softmax, *property, sizesOf(softmax),
                             [&](const LaunchPlan& plan) { return testing::runSoftmax(softmax, plan, 16); });
    Trial norms = tryProperty(norm, *property, sizesOf(norm),
                              [&](const LaunchPlan& plan) { return testing::runLayerNorm(norm, plan); });
    applied += rows.applies + norms.applies;
    EXPECT_FALSE(rows.violation) << property->name() << ": " << *rows.violation;
    EXPECT_FALSE(norms.violation) << property->name() << ": " << *norms.violation;
  }
  EXPECT_GE(applied, 8u);
}

struct Broken {
  const char* property;
  const char* causal;
  Mistake mistake;
};

class AttentionMistake : public ::testing::TestWithParam<Broken> {};

TEST_P(AttentionMistake, BreaksTheProperty) {
  Contract contract = testing::attentionContract("f32", GetParam().causal, "f32");
  Trial trial = tryProperty(contract, named(GetParam().property), sizesOf(contract), [&](const LaunchPlan& plan) {
    return testing::runAttention(contract, plan, Arithmetic::F32, 16, GetParam().mistake);
  });
  EXPECT_TRUE(trial.applies);
  EXPECT_TRUE(trial.violation) << testing::nameOf(GetParam().mistake) << " keeps " << GetParam().property;
}

INSTANTIATE_TEST_SUITE_P(All, AttentionMistake,
                         ::testing::Values(Broken{"key-order", "none", Mistake::LostKey},
                                           Broken{"key-order", "none", Mistake::NoRescaleAcc},
                                           Broken{"key-shift", "none", Mistake::PaddingKey},
                                           Broken{"value-affine", "none", Mistake::PaddingKey},
                                           Broken{"value-affine", "none", Mistake::Zeros},
                                           Broken{"constant-values", "none", Mistake::NoRescaleL},
                                           Broken{"value-range", "none", Mistake::NoMaxShift},
                                           Broken{"future-keys", "bottom-right", Mistake::CausalPeek},
                                           Broken{"head-isolation", "none", Mistake::WrongKeyHead}),
                         [](const auto& each) {
                           std::string name = each.param.property + ("_" + testing::nameOf(each.param.mistake));
                           for (char& c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c)))
                               c = '_';
                           return name;
                         });

TEST(RowMistake, BreaksTheProperty) {
  Contract softmax = testing::softmaxContract(), norm = testing::layerNormContract("two-pass");
  for (auto [property, mistake] : {std::pair("sums-to-one", Mistake::LostKey), std::pair("sums-to-one", Mistake::Zeros),
                                   std::pair("row-shift", Mistake::PaddingKey)}) {
    Trial trial = tryProperty(softmax, named(property), sizesOf(softmax), [&, m = mistake](const LaunchPlan& plan) {
      return testing::runSoftmax(softmax, plan, 16, m);
    });
    EXPECT_TRUE(trial.applies && trial.violation) << property << ", " << testing::nameOf(mistake);
  }
  Trial trial = tryProperty(norm, named("row-order"), sizesOf(norm), [&](const LaunchPlan& plan) {
    return testing::runLayerNorm(norm, plan, NormMistake::LostElement);
  });
  EXPECT_TRUE(trial.applies && trial.violation) << "row-order, LostElement";
}

TEST(Leftovers, AnAccumulationIntoTheOutputShows) {
  Contract softmax = testing::softmaxContract();
  Trial trial = tryProperty(softmax, named("leftovers"), sizesOf(softmax), [&](const LaunchPlan& plan) {
    Buffers buffers = testing::runSoftmax(softmax, plan, 16);
    for (std::size_t i = 0; i < plan.buffers.size(); ++i)
      if (plan.buffers[i].access == Access::Write && !plan.buffers[i].bytes.empty())
        buffers[i][0] = static_cast<std::uint8_t>(buffers[i][0] ^ 1u); // one bit of what lay there before
    return buffers;
  });
  EXPECT_TRUE(trial.applies && trial.violation);
}

/// The kernel runs with every NaN and infinity of the inputs replaced by 0: it scrubs them, or does not look at them.
LaunchPlan scrubbed(LaunchPlan plan) {
  for (Buffer& buffer : plan.buffers)
    for (std::size_t at = 0; at + 4 <= buffer.bytes.size() && buffer.dtype == DType::F32; at += 4) {
      float x = 0;
      std::memcpy(&x, &buffer.bytes[at], 4);
      if (!std::isfinite(x))
        std::memset(&buffer.bytes[at], 0, 4);
    }
  return plan;
}

bool hasNonfinite(const LaunchPlan& plan) {
  LaunchPlan clean = scrubbed(plan);
  for (std::size_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].bytes != clean.buffers[i].bytes)
      return true;
  return false;
}

TEST(Nonfinite, IsNotAskedForUnlessTheContractDeclaresIt) {
  Contract softmax = testing::softmaxContract(), causal = testing::attentionContract("f32", "bottom-right", "f32");
  for (const Contract* contract : {&softmax, &causal}) {
    auto setting = properties::settingAt(*contract, sizesOf(*contract), 5);
    ASSERT_TRUE(setting);
    for (const Property* property : properties::allProperties())
      EXPECT_FALSE(property->check() == std::string_view(properties::kNonfinite) && property->appliesTo(*setting))
          << property->name();
  }
}

TEST(Nonfinite, WhatIsDeclaredToPropagateMustNotBeScrubbed) {
  Contract softmax = testing::softmaxContract(), norm = testing::layerNormContract("two-pass");
  softmax.nonfinite.inputs_propagate = norm.nonfinite.inputs_propagate = true;
  for (const char* name : {"nan-input-1", "infinite-input-1"}) {
    Trial good = tryProperty(softmax, named(name), sizesOf(softmax),
                             [&](const LaunchPlan& plan) { return testing::runSoftmax(softmax, plan, 16); });
    EXPECT_TRUE(good.applies) << name;
    EXPECT_FALSE(good.violation) << name << ": " << *good.violation;
    Trial bad = tryProperty(softmax, named(name), sizesOf(softmax), [&](const LaunchPlan& plan) {
      return testing::runSoftmax(softmax, scrubbed(plan), 16);
    });
    ASSERT_TRUE(bad.violation) << name << ": scrubbing passes";
    EXPECT_NE(bad.violation->find("the contract says that it propagates"), std::string::npos) << *bad.violation;
  }
  for (const char* name : {"nan-input-1", "nan-input-2", "nan-input-3"}) { // x, gamma, beta
    Trial good = tryProperty(norm, named(name), sizesOf(norm),
                             [&](const LaunchPlan& plan) { return testing::runLayerNorm(norm, plan); });
    EXPECT_TRUE(good.applies && !good.violation) << name;
    Trial bad = tryProperty(norm, named(name), sizesOf(norm),
                            [&](const LaunchPlan& plan) { return testing::runLayerNorm(norm, scrubbed(plan)); });
    EXPECT_TRUE(bad.violation) << name << ": scrubbing passes";
  }
  auto setting = properties::settingAt(softmax, sizesOf(softmax), 5);
  EXPECT_FALSE(named("nan-input-2").appliesTo(*setting)) << "softmax has one input";
}

TEST(Nonfinite, AttentionThatPropagatesIsNotAccused) {
  Contract contract = testing::attentionContract("f32", "none", "f32");
  contract.nonfinite.inputs_propagate = true;
  for (const char* name : {"nan-input-1", "nan-input-2", "nan-input-3", "infinite-input-1", "infinite-input-3"}) {
    Trial good = tryProperty(contract, named(name), sizesOf(contract), [&](const LaunchPlan& plan) {
      return testing::runAttention(contract, plan, Arithmetic::F32, 16);
    });
    EXPECT_TRUE(good.applies) << name;
    EXPECT_FALSE(good.violation) << name << ": " << *good.violation;
  }
}

TEST(Nonfinite, WhatIsDeclaredToBeIgnoredMayBePoisoned) {
  for (const char* causal : {"bottom-right", "top-left"}) {
    Contract contract = testing::attentionContract("f32", causal, "f32");
    contract.nonfinite.masked_ignored = true;
    bool poisoned = false;
    Trial good = tryProperty(contract, named("masked-poison"), sizesOf(contract), [&](const LaunchPlan& plan) {
      poisoned |= hasNonfinite(plan);
      return testing::runAttention(contract, scrubbed(plan), Arithmetic::F32, 16); // reads none of it
    });
    EXPECT_TRUE(good.applies && poisoned) << causal;
    EXPECT_FALSE(good.violation) << *good.violation;
    Trial bad = tryProperty(contract, named("masked-poison"), sizesOf(contract), [&](const LaunchPlan& plan) {
      Buffers buffers = testing::runAttention(contract, scrubbed(plan), Arithmetic::F32, 16);
      for (std::size_t i = 0; i < buffers.size() && hasNonfinite(plan); ++i) // 0 * NaN in every row
        if (plan.buffers[i].access == Access::Write)
          std::fill(buffers[i].begin(), buffers[i].end(), std::uint8_t{0xff});
      return buffers;
    });
    EXPECT_TRUE(bad.violation) << causal;
  }
  Contract none = testing::attentionContract("f32", "none", "f32");
  none.nonfinite.masked_ignored = true;
  auto setting = properties::settingAt(none, sizesOf(none), 5);
  EXPECT_FALSE(named("masked-poison").appliesTo(*setting)) << "nothing is masked";
}

} // namespace
} // namespace kverify
