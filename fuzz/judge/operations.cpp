#include "fuzz/judge/operations.h"

namespace kverify::judge {
namespace {

const std::map<std::string, Operation>& operations() {
  static const std::map<std::string, Operation> all = {
      {"attention.forward", {askAttentionForward}},
      {"softmax", {askSoftmax}},
      {"layer_norm", {askLayerNorm}},
  };
  return all;
}

} // namespace

const Operation* findOperation(const std::string& oracle) {
  auto at = operations().find(oracle);
  return at == operations().end() ? nullptr : &at->second;
}

std::vector<std::string> operationNames() {
  std::vector<std::string> names;
  for (const auto& [name, operation] : operations())
    names.push_back(name);
  return names;
}

Expected<DerivedInputs> derivedInputs(const Contract& contract, const LaunchPlan& plan) {
  const Operation* operation = contract.spec ? findOperation(contract.spec->oracle) : nullptr;
  if (!operation || !operation->derive)
    return DerivedInputs{};
  auto run = OperationRun::make(contract, plan);
  if (!run)
    return tl::unexpected<ToolError>(run.error());
  DerivedInputs derived = operation->derive(*run);
  if (run->error())
    return tl::unexpected<ToolError>(*run->error());
  return derived;
}

} // namespace kverify::judge
