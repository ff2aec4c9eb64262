// Every property holds for correct kernels of every precision, and each is broken by the mistakes that it is there for.
#include <cctype>
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
  EXPECT_EQ(names.size(), 16u);
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

} // namespace
} // namespace kverify
