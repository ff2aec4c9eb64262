#include "fuzz/judge/operations.h"

namespace kverify::judge {
namespace {

const std::map<std::string, Operation>& operations() {
  static const std::map<std::string, Operation> all = {
      {"attention.forward", {askAttentionForward}},
      {"attention.varlen", {askAttentionVarlen}},
      {"attention.paged", {askAttentionPaged}},
      {"attention.split", {askAttentionSplit}},
      {"attention.merge", {askAttentionMerge}},
      {"attention.backward", {askAttentionBackward, deriveAttentionBackward}},
      {"softmax", {askSoftmax}},
      {"log_softmax", {askLogSoftmax}},
      {"cross_entropy", {askCrossEntropy}},
      {"layer_norm", {askLayerNorm}},
      {"layer_norm.backward", {askLayerNormBackward, deriveLayerNormBackward}},
      {"rms_norm", {askRmsNorm}},
      {"rms_norm.backward", {askRmsNormBackward, deriveRmsNormBackward}},
      {"matmul", {askMatmul}},
      {"elementwise", {askElementwise}},
      {"reduce", {askReduction}},
      {"rope", {askRope, deriveRope}},
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
