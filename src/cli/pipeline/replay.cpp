#include "cli/pipeline/replay.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/pipeline/algebra.h"
#include "cli/pipeline/backend.h"
#include "cli/pipeline/confirm.h"
#include "cli/pipeline/subject.h"
#include "verifier/replay/confirm.h"

namespace kverify::pipeline {
namespace {

std::string outcomeOfRun(const CaseRun& run) {
  if (run.error)
    return run.error->message;
  switch (run.status) {
  case simt::RunStatus::Unsupported: return "the run ended early: unsupported: " + run.reason;
  case simt::RunStatus::StepLimit: return "the run ended early: step limit: " + run.reason;
  case simt::RunStatus::Hung: return "the run ended early: " + run.reason;
  case simt::RunStatus::Stopped: return "the run was stopped";
  default: return {};
  }
}

void compareTraces(const RunTrace& expected, const RunTrace& got, std::vector<std::string>& differences) {
  if (expected.inputs != got.inputs)
    differences.push_back("the inputs are not the same bytes");
  if (expected.buffers_sha256 != got.buffers_sha256)
    differences.push_back("the final buffers are not the same bytes");
  if (expected.printed_sha256 != got.printed_sha256)
    differences.push_back("the printed output is not the same");
}

} // namespace

Expected<ReplayResult> replay(const ReplayFile& file, StopSwitch* stop) {
  Job job{.source = file.source, .contract = file.contract, .launch = file.launch, .compile_commands = false};
  if (file.contract.empty() && !file.compile.kernels.empty())
    job.kernel = file.compile.kernels[0];
  auto subject = prepare(job, file.compile);
  if (!subject)
    return tl::unexpected(subject.error());
  auto runner = createRunner(*subject, {.backend = file.backend},
                             {.always_precise = true, .watch = verifier::watchedLines(file.expected)});
  if (!runner)
    return tl::unexpected(runner.error());
  if (runner->gpu && !runner->gpu->unavailable.empty())
    return fail(ErrorKind::Environment, "what a GPU showed needs a GPU to be seen again: " + runner->gpu->unavailable);
  simt::Program& program = *runner->program;
  ReplayResult result;
  if (subject->module.source.sha256 != file.source_sha256)
    result.differences.push_back(fmt::format("'{}' has changed since", file.source));
  if (subject->contract && subject->contract->sha256 != file.contract_sha256)
    result.differences.push_back(fmt::format("'{}' has changed since", file.contract));
  simt::RunLimits limits;
  if (stop)
    limits.stop = &stop->stop;
  RunTrace trace;
  CaseRun run = runCase(*subject, file.one_case, program, limits, &trace);
  if (file.expected.check == shadow::kAlgebraCheck)
    addAlgebraFinding(*subject, file.one_case, limits, run);
  const Finding* seen = findAgain(file.expected, run.findings);
  result.seen = seen != nullptr;
  if (result.seen) {
    result.finding = *seen;
    result.finding.confirmed = true;
    if (seen->message != file.expected.message)
      result.differences.push_back(fmt::format("the message was '{}'", file.expected.message));
  } else {
    std::string why = outcomeOfRun(run);
    result.differences.push_back(
        fmt::format("{} was not found again{}", file.expected.check, why.empty() ? "" : " (" + why + ")"));
  }
  compareTraces(file.trace, trace, result.differences);
  result.printed = std::move(trace.printed);
  result.reproduced = result.seen && result.differences.empty();
  return result;
}

} // namespace kverify::pipeline
