#include "cli/pipeline/settle.h"

#include <algorithm>

#include "cli/pipeline/case_corpus.h"
#include "cli/pipeline/confirm.h"
#include "cli/pipeline/gpu_outcome.h"
#include "cli/pipeline/limits.h"
#include "cli/pipeline/replay_file.h"
#include "cli/pipeline/shrink.h"
#include "core/thread_pool.h"

namespace kverify::pipeline {
namespace {

ReplayFile replayOf(const Subject& subject, const ConfirmedFinding& confirmed, const AuditOptions& options) {
  ReplayFile replay{.tool_version = KVERIFY_VERSION,
                    .source = subject.module.source.path,
                    .source_sha256 = subject.module.source.sha256,
                    .launch = subject.job.launch,
                    .compile = subject.compile,
                    .one_case = confirmed.shown.one_case,
                    .expected = confirmed.shown.finding,
                    .trace = confirmed.trace};
  if (subject.contract) {
    replay.contract = subject.contract->path;
    replay.contract_sha256 = subject.contract->sha256;
  }
  if (onGpu(confirmed.shown.finding, options.backend.backend))
    replay.backend = options.backend.backend;
  replay.compile.headers =
      subject.module.headers == "toolkit" ? frontend::CudaHeaders::Toolkit : frontend::CudaHeaders::Builtin;
  return replay;
}

} // namespace

std::vector<ShownFinding> shrinkFindings(const Subject& subject, std::vector<ShownFinding> shown, simt::Program& program,
                                         const AuditOptions& options) {
  constexpr std::size_t kMost = 6;
  parallelFor(std::min(kMost, shown.size()), options.workers, [&](std::size_t i) {
    shown[i] = shrunk(subject, std::move(shown[i]), program, limitsOf(subject, options));
  });
  return shown;
}

std::vector<ShownFinding> settleFindings(const Subject& subject, std::vector<ShownFinding> shown,
                                         const AuditOptions& options, KernelReport& report) {
  // Ctrl-C ends the search, not the confirmation of what was found already.
  simt::RunLimits limits = limitsOf(subject, options);
  limits.stop = nullptr;
  auto confirmed = confirmFindings(subject, shown, limits, options.backend);
  if (!confirmed) {
    report.notes.push_back("findings could not be confirmed: " + confirmed.error().message);
    return shown;
  }
  std::vector<ShownFinding> settled;
  for (ConfirmedFinding& entry : *confirmed) {
    Finding& finding = entry.shown.finding;
    if (const CheckInfo* check = findCheck(finding.check))
      finding.severity = check->severity;
    finding.fingerprint = fingerprintOf(finding, subject.displayName(), subject.module.source.bytes);
    // What another stage showed already keeps its launch, and the file that has it.
    const Finding* known = findAgain(finding, report.findings);
    if (finding.confirmed && known && known->confirmed) {
      finding.replay = known->replay;
    } else if (finding.confirmed && !options.output.empty()) {
      auto path = writeReplay(options.output, replayOf(subject, entry, options));
      if (path)
        finding.replay = *path;
      else
        report.notes.push_back(path.error().message);
    }
    if (finding.confirmed && !finding.replay.empty() && !entry.shown.example.empty())
      report.examples[finding.replay] = entry.shown.example;
    settled.push_back(std::move(entry.shown));
  }
  return settled;
}

void saveFound(const Subject& subject, const std::vector<ShownFinding>& findings,
               const std::vector<generate::Case>& kept, const AuditOptions& options, KernelReport& report) {
  if (options.saved_cases.empty() || !subject.contract)
    return;
  std::vector<SavedCase> found;
  for (const generate::Case& one : kept)
    found.push_back({kReachedSomething, subject.job.source, one});
  for (const ShownFinding& shown : findings)
    if (shown.finding.confirmed && !shown.one_case.only_block)
      found.push_back({shown.finding.check, subject.job.source, shown.one_case});
  auto saved = saveCases(caseCorpusPath(options.saved_cases, *subject.contract), found);
  if (!saved)
    report.notes.push_back(saved.error().message);
}

} // namespace kverify::pipeline
