#include "cli/pipeline/audit_record.h"
#include "cli/pipeline/audit.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>

#include "cli/pipeline/confirm.h"
#include "cli/pipeline/from_host.h"
#include "cli/pipeline/formal.h"
#include "cli/pipeline/fuzz_stage.h"
#include "cli/pipeline/limits.h"
#include "cli/pipeline/lint.h"
#include "cli/pipeline/settle.h"
#include "core/hash.h"
#include "frontend/files_read.h"
#include "frontend/left_out.h"

namespace kverify::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// An audit ends within a minute on two cores: what is left for questions, of all but what winding up takes.
constexpr double kMinute = 55, kLeastForProofs = 30;

/// The formal stage: proofs, and findings where a run confirmed what the solver suspected. `spent`: seconds, so far.
void formal(Subject& subject, AuditOptions options, double spent, KernelReport& report) {
  if (options.formal.shares_minute)
    options.formal.kernel_seconds =
        std::min(options.formal.kernel_seconds, std::max(kLeastForProofs, kMinute - spent));
  FormalResult result = judgeFormally(subject, options);
  std::move(result.idle.begin(), result.idle.end(), std::back_inserter(report.idle));
  for (std::string& note : result.notes)
    report.notes.push_back(std::move(note));
  std::vector<ShownFinding> settled = settleFindings(subject, std::move(result.shown), options, report);
  for (CheckOutcome& outcome : withFindings(std::move(result.outcomes), settled))
    report.outcomes.push_back(std::move(outcome));
  for (ShownFinding& shown : settled) {
    if (!findAgain(shown.finding, report.findings))
      report.findings.push_back(std::move(shown.finding));
  }
  if (!options.stages.fuzz)
    report.notes.push_back("nothing was run but the solver's candidates: what only tests judge is not judged");
}

} // namespace

simt::RunLimits limitsOf(const Subject& subject, const AuditOptions& options) {
  simt::RunLimits limits{.steps = options.steps,
                         .memory_bytes = options.memory_bytes,
                         .equal_writes = allowsEqualWrites(subject, options)};
  if (options.stop)
    limits.stop = &options.stop->stop;
  return limits;
}

std::optional<Unknown> whyStopped(const AuditOptions& options) {
  StopReason reason = options.stop ? options.stop->reason.load() : StopReason::None;
  if (reason == StopReason::Interrupted)
    return Unknown{unknown_reason::interrupted, "stopped by the user"};
  if (reason == StopReason::TimeBudget)
    return Unknown{unknown_reason::time_budget, "the time given was used up"};
  return std::nullopt;
}

bool allowsEqualWrites(const Subject& subject, const AuditOptions& options) {
  return options.equal_writes.value_or(subject.contract && subject.contract->equal_writes);
}

std::string fingerprintOf(const Finding& finding, const std::string& kernel, const std::string& source_bytes) {
  unsigned wanted = 0;
  std::ifstream file; // a place in a header is a line of the header
  if (!finding.locations.empty() && !finding.locations[0].stack.empty()) {
    wanted = finding.locations[0].stack[0].line;
    file.open(finding.locations[0].stack[0].file, std::ios::binary);
  }
  std::istringstream bytes(source_bytes);
  std::istream& lines = file.is_open() ? static_cast<std::istream&>(file) : bytes;
  std::string text;
  for (unsigned i = 0; i < wanted; ++i)
    if (!std::getline(lines, text))
      text.clear();
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
  return sha256Hex(finding.check + "\n" + kernel + "\n" + text).substr(0, 16);
}

KernelReport unjudged(KernelReport known, const Unknown& why, const Stages& stages) {
  for (const CheckInfo* check : allChecks())
    if (stages.fuzz && std::string_view(check->stage) == "fuzz")
      known.outcomes.push_back({check->id, check->stage, why, 0});
  for (const CheckInfo* check : allChecks())
    if (stages.stability && std::string_view(check->id).starts_with("numerics.") &&
        std::string_view(check->stage) == "fuzz")
      known.outcomes.push_back({check->id, "stability", why, 0});
  for (const ProofInfo* proof : allProofs())
    if (stages.formal)
      known.outcomes.push_back({proof->check, "formal", why, 0});
  for (const CheckInfo* check : allChecks())
    if (stages.bench && std::string_view(check->stage) == "bench")
      known.outcomes.push_back({check->id, check->stage, why, 0});
  for (const CheckInfo* check : allChecks())
    if (stages.lint && std::string_view(check->stage) == "static")
      known.outcomes.push_back({check->id, check->stage, why, 0});
  known.verdict = foldVerdict(known.outcomes, Policy{});
  return known;
}

namespace {

/// The stages that need the kernel compiled, with a launch. Returns the kernels that they looked at.
std::vector<std::string> runStages(const Job& job, const AuditOptions& options, KernelReport& report) {
  const auto start = Clock::now();
  auto subject = prepare(job, options.compile, options.stages.fuzz);
  if (!subject) {
    report.error = subject.error();
    return {};
  }
  report.kernel = subject->displayName();
  report.source_sha256 = subject->module.source.sha256;
  report.headers = subject->module.headers;
  report.target = subject->module.target;
  for (std::string& sentence : frontend::foundHeaders(subject->module))
    report.notes.push_back(std::move(sentence));
  if (!options.stages.lint) // else it is in the profile
    for (std::string& sentence : frontend::describe(frontend::leftOut(subject->module)))
      report.notes.push_back(std::move(sentence));
  if (subject->contract) {
    report.contract_sha256 = subject->contract->sha256;
    if (subject->contract->spec)
      report.spec = subject->contract->spec->name;
  }
  if (options.stages.fuzz)
    fuzz(*subject, options, report);
  if (options.checkpoint && !report.error)
    options.checkpoint(report); // the solver is the first to run out of memory
  if (options.stages.formal && !report.error)
    formal(*subject, options, secondsSince(start), report);
  reconcile(report);
  if (options.record)
    options.record->keep(*subject, options);
  return subject->kernels;
}

} // namespace

KernelReport auditJob(const Job& job, const AuditOptions& options) {
  if (needsHostFacts(job, options))
    return auditFromHost(job, options);
  auto start = Clock::now();
  KernelReport report{.file = job.source, .kernel = job.kernel, .contract = job.contract};
  Expected<verifier::lint::LintResult> lint;
  if (job.error)
    report.error = job.error;
  else if (options.stages.lint && !(lint = judgeStatically(job, options)))
    report.error = lint.error();
  if (!report.error && options.stages.lint && options.fix)
    report.notes = makeFixes(*lint);
  std::vector<std::string> judged;
  if (!report.error && (options.stages.fuzz || options.stages.formal))
    judged = runStages(job, options, report);
  if (!report.error && options.stages.lint)
    settleStatic(std::move(*lint), options.compile.target, judged, report);
  report.includes = frontend::filesRead();
  report.includes.erase(job.source);
  report.verdict = foldVerdict(report.outcomes, options.policy);
  report.seconds = secondsSince(start);
  return report;
}

void closeReport(Report& report, bool interrupted) {
  report.partial = interrupted;
  std::vector<int> codes;
  for (const KernelReport& kernel : report.kernels)
    codes.push_back(kernel.error ? int{kExitError} : exitCodeOf(kernel.verdict));
  // A shard that no kernel fell to judged nothing, which is no error of it, and no pass.
  bool empty_shard = report.kernels.empty() && report.shard.count;
  if (interrupted || empty_shard)
    codes.push_back(kExitInconclusive);
  report.exit_code = worstExitCode(codes);
}

} // namespace kverify::pipeline
