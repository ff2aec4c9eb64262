#include "cli/pipeline/gpu_outcome.h"

#include <cmath>

#include <fmt/format.h>

namespace kverify::pipeline {
namespace {

/// Two results that differ by more than the bound while neither leaves it: the kernel depends on an order that it does not
/// fix, or one of the two machines computes something else. Nobody is accused; nothing is passed.
Outcome agreementOf(const GpuRecord& record, const FoldInput& input) {
  if (!record.unavailable.empty())
    return Unknown{unknown_reason::no_device, record.unavailable};
  if (input.incomplete)
    return *input.incomplete;
  if (record.cases == 0)
    return Unknown{unknown_reason::no_cases, "no case ran to its end on both"};
  if (record.disagreements > 0)
    return Unknown{unknown_reason::unconfirmed, fmt::format("GPU and executor disagree in {} of {} cases: {}",
                                                            record.disagreements, record.cases, record.first_disagreement)};
  Tested tested{.cases = record.cases, .seed = input.seed, .scope = input.scope};
  tested.worst_ratio = record.worst_ratio;
  return tested;
}

} // namespace

bool onGpu(const Finding& finding, Backend backend) {
  if (backend != Backend::Both)
    return backend == Backend::Cuda;
  return !finding.locations.empty() && finding.locations[0].what == "on the GPU";
}

Unknown whyNoRunner(const ToolError& error) {
  return {error.kind == ErrorKind::Environment ? unknown_reason::no_device : unknown_reason::tool_error, error.message};
}

Outcome unseen(const CheckInfo& check, const FoldInput& input) {
  Outcome outcome = outcomeOf(check, input);
  if (std::holds_alternative<Tested>(outcome))
    return Unknown{unknown_reason::unsupported, "a run on a GPU does not show it: --backend both, or --stages formal"};
  return outcome;
}

void judgeGpu(const std::shared_ptr<GpuRecord>& record, Backend backend, const FoldInput& input, double seconds,
              KernelReport& report) {
  FoldInput on_gpu = input;
  if (record && !record->unavailable.empty() && !on_gpu.incomplete)
    on_gpu.incomplete = Unknown{unknown_reason::no_device, record->unavailable};
  for (const CheckInfo* check : allChecks()) {
    if (std::string_view(check->stage) != "gpu")
      continue;
    if (check->id != std::string_view(kGpuAgreement))
      report.outcomes.push_back({check->id, "gpu", outcomeOf(*check, on_gpu), seconds});
    else if (record && backend == Backend::Both)
      report.outcomes.push_back({check->id, "gpu", agreementOf(*record, on_gpu), seconds});
  }
  if (!record || !record->unavailable.empty())
    return;
  report.notes.push_back(fmt::format("run on {}, compiled by {}", record->device, record->compiler));
  if (record->cases > 0)
    report.notes.push_back(fmt::format("{} of {} cases bitwise equal on GPU and executor, worst difference {:.3g} of the bound{}",
                                       record->bitwise_equal, record->cases, record->worst_ratio,
                                       record->worst_where.empty() ? "" : " at " + record->worst_where));
}

} // namespace kverify::pipeline
