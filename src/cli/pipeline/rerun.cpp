#include "cli/pipeline/rerun.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "cli/pipeline/algebra.h"
#include "cli/pipeline/audit.h"
#include "cli/pipeline/fold.h"
#include "core/thread_pool.h"
#include "kverify/check.h"

namespace kverify::pipeline {
namespace {

/// So many are told.
constexpr std::size_t kMostDifferences = 8;

std::optional<std::string> differenceOf(const RecordedRun& recorded, const CaseRun& now) {
  std::string where = fmt::format("stage {}, case {}", recorded.stage, recorded.one_case.describe());
  if (now.error)
    return fmt::format("{}: {}", where, now.error->message);
  if (!now.findings.empty())
    return fmt::format("{}: it breaks {}: {}", where, now.findings[0].check, now.findings[0].message);
  if (nameOf(now.status) != recorded.status)
    return fmt::format("{}: it ended as '{}', and now as '{}'", where, recorded.status, nameOf(now.status));
  const RunTrace& trace = *now.trace;
  if (trace.inputs != recorded.trace.inputs)
    return where + ": the inputs are not the same bytes";
  if (trace.buffers_sha256 != recorded.trace.buffers_sha256)
    return where + ": the results are not the same bytes";
  if (trace.printed_sha256 != recorded.trace.printed_sha256)
    return where + ": what it prints is not the same";
  return std::nullopt;
}

/// As the audit ran it: quickly, and with a closer look where something is odd.
CaseRun runAgain(const Subject& subject, const generate::Case& one_case, simt::Program& program, simt::RunLimits limits) {
  limits.explain = false;
  AuditRecord wanted;
  CaseRun run = runRecorded(subject, one_case, program, limits, &wanted);
  limits.explain = true;
  return run.doubt ? runRecorded(subject, one_case, program, limits, &wanted) : run;
}

/// Outcomes of one stage from its runs.
void foldStage(const Subject& subject, const RecordedRuns& recorded, const std::string& stage,
               std::span<const CaseRun> runs, const simt::RunLimits& limits, std::vector<CheckOutcome>& outcomes) {
  auto shown = distinctFindings(runs);
  FoldInput input{.runs = runs,
                  .findings = shown,
                  .incomplete = shortfall(runs, std::nullopt),
                  .seed = recorded.seed,
                  .scope = recorded.scopes.count(stage) ? recorded.scopes.at(stage) : "",
                  .judges_values = subject.judgesValues()};
  for (const CheckInfo* check : allChecks()) {
    if (check->stage != std::string_view("fuzz") && check->stage != std::string_view("stability"))
      continue;
    if (needsReference(*check) && !subject.judgesValues())
      continue;
    if (check->id != std::string_view(shadow::kAlgebraCheck)) {
      outcomes.push_back({check->id, stage, outcomeOf(*check, input), 0});
    } else if (stage == "fuzz" && hasAlgebra(subject)) {
      AlgebraResult algebra = judgeAlgebraOf(subject, runs, recorded.seed, limits);
      outcomes.push_back({check->id, stage, algebra.finding ? Outcome(Refuted{algebra.finding->message, ""}) : algebra.outcome, 0});
    }
  }
}

} // namespace

Expected<Rerun> rerun(const Job& job, const frontend::CompileOptions& compile, const RecordedRuns& recorded,
                      const RerunOptions& options) {
  auto subject = prepare(job, compile);
  if (!subject)
    return tl::unexpected(subject.error());
  auto program = simt::Program::create(subject->module);
  if (!program)
    return tl::unexpected(program.error());
  simt::RunLimits limits{.steps = recorded.steps, .memory_bytes = recorded.memory_bytes, .equal_writes = recorded.equal_writes};
  if (options.stop)
    limits.stop = &options.stop->stop;
  std::vector<CaseRun> runs(recorded.runs.size());
  std::atomic<std::size_t> done{0};
  parallelFor(runs.size(), options.workers, [&](std::size_t i) {
    runs[i] = runAgain(*subject, recorded.runs[i].one_case, **program, limits);
    if (options.progress)
      options.progress(++done, runs.size());
  });
  AuditRecord now;
  now.keep(*subject, {});
  Rerun result{.runs = runs.size(), .system_headers_sha256 = now.system_headers_sha256};
  for (std::size_t i = 0; i < runs.size() && result.differences.size() < kMostDifferences; ++i)
    if (auto difference = differenceOf(recorded.runs[i], runs[i]))
      result.differences.push_back(std::move(*difference));
  for (std::string stage : {"fuzz", "stability"}) {
    std::vector<CaseRun> part;
    for (std::size_t i = 0; i < runs.size(); ++i)
      if (recorded.runs[i].stage == stage)
        part.push_back(std::move(runs[i]));
    if (!part.empty())
      foldStage(*subject, recorded, stage, part, limits, result.outcomes);
  }
  return result;
}

} // namespace kverify::pipeline
