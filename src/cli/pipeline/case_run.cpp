#include "cli/pipeline/case_run.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "core/hash.h"
#include "fuzz/judge/references.h"
#include "fuzz/shadow/algebra.h"

namespace kverify::pipeline {
namespace {

std::string dimText(const Dim3& d) {
  if (d.z > 1)
    return fmt::format("({},{},{})", d.x, d.y, d.z);
  return d.y > 1 ? fmt::format("({},{})", d.x, d.y) : fmt::format("{}", d.x);
}

void judgeValues(const Subject& subject, const LaunchPlan& plan, const simt::RunResult& result,
                 const judge::References* references, CaseRun& run) {
  auto judgement = references ? judge::judge(*subject.contract, plan, result.buffers, *references)
                              : judge::judge(*subject.contract, plan, result.buffers);
  if (!judgement) {
    run.error = judgement.error();
    return;
  }
  for (auto [check, message] : {std::pair(judge::kBoundCheck, &judgement->bound_message),
                                std::pair(judge::kNonfiniteCheck, &judgement->nonfinite_message)})
    if (!message->empty())
      run.findings.push_back(valueFinding(subject, plan, run.one_case, check, *message));
  run.judgement = std::move(*judgement);
}

} // namespace

void placeInUserCode(const Subject& subject, const LaunchPlan& plan, Finding& finding) {
  auto is_system = [&](const SourceLocation& at) {
    return std::any_of(subject.system_folders.begin(), subject.system_folders.end(),
                       [&](const std::string& folder) { return at.file.starts_with(folder); });
  };
  for (FindingLocation& location : finding.locations) {
    auto first = std::find_if_not(location.stack.begin(), location.stack.end(), is_system);
    if (first != location.stack.end())
      location.stack.erase(location.stack.begin(), first);
  }
  const auto* kernel = subject.kernelInfo(plan.launches.back().kernel);
  if (finding.locations.empty() && kernel)
    finding.locations = {{{kernel->location}, ""}};
}

/// The judge speaks of tensors; the place of its findings is the kernel that is launched last.
Finding valueFinding(const Subject& subject, const LaunchPlan& plan, const generate::Case& one_case, const char* check,
                     const std::string& message) {
  Finding finding{.check = check, .message = message};
  const KernelLaunch& last = plan.launches.back();
  if (const auto* kernel = subject.kernelInfo(last.kernel))
    finding.locations = {{{kernel->location}, ""}};
  std::string sizes;
  for (const auto& [name, value] : plan.sizes)
    sizes += fmt::format("{}{}={}", sizes.empty() ? "" : " ", name, value);
  finding.launch = fmt::format("grid={} block={}, {}, family {}, seed {}{}", dimText(last.grid), dimText(last.block),
                               sizes, one_case.family, one_case.seed,
                               one_case.property.empty() ? "" : ", property " + one_case.property);
  return finding;
}

RunTrace traceOf(const LaunchPlan& plan, const simt::RunResult& result) {
  RunTrace trace;
  for (const Buffer& buffer : plan.buffers)
    if (!buffer.bytes.empty())
      trace.inputs.emplace_back(buffer.name, sha256Hex(std::span(buffer.bytes)));
  std::string all;
  for (const auto& bytes : result.buffers)
    all += sha256Hex(std::span(bytes));
  trace.buffers_sha256 = sha256Hex(all);
  trace.printed_sha256 = sha256Hex(result.printed + fmt::format("\n{}", result.printed_dropped));
  trace.printed = result.printed;
  return trace;
}

std::optional<simt::RunResult> runPlan(const Subject& subject, const LaunchPlan& plan, simt::Program& program,
                                       const simt::RunLimits& limits, CaseRun& run) {
  auto result = program.run(plan, limits);
  if (!result) {
    run.error = result.error();
    return std::nullopt;
  }
  if (result->doubt) {
    run.doubt = true;
    return std::nullopt;
  }
  run.status = result->status;
  run.reason = result->reason;
  run.findings = std::move(result->findings);
  for (Finding& finding : run.findings)
    placeInUserCode(subject, plan, finding);
  run.printed_bytes += result->printed.size() + result->printed_dropped;
  if (run.status == simt::RunStatus::Faulted && run.findings.empty())
    run.error =
        ToolError{ErrorKind::Internal, "the run stopped at a fault that no check claimed: " + run.reason, "", ""};
  return std::move(*result);
}

Finding algebraFinding(const Subject& subject, const generate::Case& one_case, const std::string& message) {
  auto plan = planOf(subject, one_case, std::uint64_t{4} << 30);
  return plan ? valueFinding(subject, *plan, one_case, shadow::kAlgebraCheck, message)
              : Finding{.check = shadow::kAlgebraCheck, .message = message};
}

namespace {

std::optional<simt::RunResult> runAndJudge(const Subject& subject, const LaunchPlan& plan, simt::Program& program,
                                           const simt::RunLimits& limits, const judge::References* references,
                                           CaseRun& run) {
  auto result = runPlan(subject, plan, program, limits, run);
  // Values computed after another rule was broken say nothing new.
  bool sound = result && run.status == simt::RunStatus::Completed && run.findings.empty();
  if (sound && subject.judgesValues())
    judgeValues(subject, plan, *result, references, run);
  return result;
}

bool isPlain(const generate::Case& one_case) {
  return one_case.property.empty() && one_case.schedule == 0;
}

} // namespace

CaseRun runCase(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                const simt::RunLimits& limits, RunTrace* trace) {
  if (!one_case.property.empty())
    return runProperty(subject, one_case, program, limits, trace);
  if (one_case.schedule)
    return runSchedules(subject, one_case, program, limits, trace);
  auto start = std::chrono::steady_clock::now();
  CaseRun run{.one_case = one_case, .ran = true};
  auto plan = planOf(subject, one_case, limits.memory_bytes);
  if (!plan) {
    run.error = plan.error();
    return run;
  }
  auto result = runAndJudge(subject, *plan, program, limits, nullptr, run);
  if (result)
    run.coverage = std::move(result->coverage);
  if (trace && result)
    *trace = traceOf(*plan, *result);
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return run;
}

Expected<PreparedCase> prepareCase(const Subject& subject, const generate::Case& one_case, std::uint64_t memory_bytes) {
  PreparedCase prepared{one_case, {}, std::nullopt};
  if (!isPlain(one_case))
    return prepared;
  auto plan = planOf(subject, one_case, memory_bytes);
  if (!plan)
    return tl::unexpected<ToolError>(plan.error());
  prepared.plan = std::move(*plan);
  if (!subject.judgesValues())
    return prepared;
  auto references = judge::askReferences(*subject.contract, prepared.plan);
  if (!references)
    return tl::unexpected<ToolError>(references.error());
  prepared.references = std::move(*references);
  return prepared;
}

CaseRun runPrepared(const Subject& subject, const PreparedCase& prepared, simt::Program& program,
                    const simt::RunLimits& limits, RunTrace* trace) {
  if (!isPlain(prepared.one_case))
    return runCase(subject, prepared.one_case, program, limits, trace);
  CaseRun run{.one_case = prepared.one_case, .ran = true};
  auto result = runAndJudge(subject, prepared.plan, program, limits,
                            prepared.references ? &*prepared.references : nullptr, run);
  if (trace && result)
    *trace = traceOf(prepared.plan, *result);
  return run;
}

} // namespace kverify::pipeline
