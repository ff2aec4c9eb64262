// The naive programs are correct programs: on every operation of the corpus they keep the bound of plain f32. And what they
// compute for backward passes is linear in the gradient, as the properties ask.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "../oracle/simulated_kernels.h"
#include "contract/operation.h"
#include "fuzz/generate/cases.h"
#include "fuzz/judge/operands.h"
#include "fuzz/properties/property.h"
#include "fuzz/properties/relation.h"
#include "fuzz/stability/naive.h"

namespace kverify::stability {
namespace {

namespace fs = std::filesystem;

/// One launch that takes every tensor and nothing else: no kernel runs here, only the buffers count.
void takeTensorsOnly(Contract& contract) {
  contract.launches.resize(1);
  contract.launches[0].args.clear();
  for (std::size_t i = 0; i < contract.tensors.size(); ++i)
    contract.launches[0].args.push_back({.value = TensorArgDecl{.tensor = i}});
}

std::vector<Contract> corpus() {
  std::vector<Contract> contracts;
  for (const auto& entry : fs::recursive_directory_iterator("kernels"))
    if (entry.path().filename() == "contract.json" && entry.path().string().find("/wrong/") == std::string::npos) {
      auto contract = loadContract(entry.path().string());
      EXPECT_TRUE(contract) << entry.path() << ": " << contract.error().message;
      if (contract && contract->spec) {
        takeTensorsOnly(*contract);
        contracts.push_back(std::move(*contract));
      }
    }
  return contracts;
}

TEST(Naive, KeepsTheBoundOnEveryOperationThatItHas) {
  std::set<std::string> judged;
  for (Contract& contract : corpus()) {
    contract.precision = {}; // the bound of plain f32, whatever the kernel declares
    auto set = generate::makeCases(contract, 3);
    ASSERT_TRUE(set) << contract.path << ": " << set.error().message;
    for (std::size_t at : {set->cases.size() / 2, set->cases.size() - 3}) {
      generate::Case one = set->cases[at];
      one.family = "normal";
      auto plan = generate::buildPlan(contract, testing::signatureOf(contract), one);
      auto references = plan ? judge::askReferences(contract, *plan) : tl::unexpected<ToolError>(plan.error());
      ASSERT_TRUE(references) << contract.path << ": " << references.error().message;
      for (const auto& [role, error] : naiveErrors(contract, *plan, *references)) {
        double bound = 0;
        for (double each : references->at(role).bound)
          bound = std::max(bound, std::isfinite(each) ? each : 0);
        EXPECT_LE(error, bound) << contract.path << ", " << role << " at " << one.describe();
        judged.insert(contract.spec->oracle);
      }
    }
  }
  for (const char* oracle : {"attention.forward", "attention.backward", "softmax", "cross_entropy", "layer_norm", "rms_norm",
                             "rms_norm.backward", "matmul"})
    EXPECT_TRUE(judged.contains(oracle)) << oracle << " has no naive program, or no kernel in the corpus";
}

/// What the naive program leaves in the plan's buffers.
std::vector<std::vector<std::uint8_t>> runNaive(const Contract& contract, const LaunchPlan& plan, const Sizes& axes) {
  std::vector<std::vector<std::uint8_t>> buffers;
  for (const Buffer& buffer : plan.buffers)
    buffers.push_back(buffer.bytes.empty()
                          ? std::vector<std::uint8_t>(static_cast<std::size_t>(buffer.elements) * sizeOf(buffer.dtype), 0xff)
                          : buffer.bytes);
  auto run = judge::OperationRun::make(contract, plan);
  EXPECT_TRUE(run);
  const NaiveResults results = contract.spec->oracle == "attention.backward" ? naiveAttentionBackward(*run) : NaiveResults{};
  for (const auto& [role, values] : results) {
    judge::RoleView view = judge::viewRole(contract, plan, axes, role);
    if (view.tensor)
      judge::writeDense(view, view.tensor->dtype, buffers[view.buffer], std::vector<double>(values.begin(), values.end()));
  }
  return buffers;
}

TEST(Naive, GradientsAreLinearInTheGradientAndMistakesShow) {
  for (const Contract& contract : corpus()) {
    if (contract.spec->oracle != "attention.backward")
      continue;
    auto set = generate::makeCases(contract, 3);
    ASSERT_TRUE(set);
    generate::Case one = set->cases[set->cases.size() / 2];
    one.family = "normal";
    auto setting = properties::settingAt(contract, one.sizes, 5);
    ASSERT_TRUE(setting);
    for (const char* name : {"zero-gradient", "gradient-scale"}) {
      const properties::Property& property = *properties::findProperty(name);
      ASSERT_TRUE(property.appliesTo(*setting)) << contract.path;
      for (bool broken : {false, true}) {
        auto plan = generate::buildPlan(contract, testing::signatureOf(contract), one);
        ASSERT_TRUE(plan);
        auto result = [&](bool mistake) {
          auto buffers = runNaive(contract, *plan, setting->axes);
          properties::Result all{properties::denseOutputs(contract, *plan, setting->axes, buffers),
                                 *judge::askReferences(contract, *plan)};
          if (mistake)
            all.values.begin()->second[0] += 1; // left over from the launch before
          return all;
        };
        properties::Result base = result(false);
        property.change(*setting, *plan);
        auto violation = property.violation(*setting, base, result(broken));
        EXPECT_EQ(violation.has_value(), broken) << contract.path << ", " << name << ": " << violation.value_or("no violation");
      }
    }
  }
}

} // namespace
} // namespace kverify::stability
