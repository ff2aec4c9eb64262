#include "cli/pipeline/audit.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <mutex>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "cli/pipeline/adequacy_run.h"
#include "cli/pipeline/algebra.h"
#include "cli/pipeline/case_corpus.h"
#include "cli/pipeline/confirm.h"
#include "cli/pipeline/fold.h"
#include "cli/pipeline/from_host.h"
#include "cli/pipeline/formal.h"
#include "cli/pipeline/limits.h"
#include "cli/pipeline/lint.h"
#include "cli/pipeline/property_cases.h"
#include "cli/pipeline/replay_file.h"
#include "cli/pipeline/shrink.h"
#include "cli/pipeline/stability_run.h"
#include "core/hash.h"
#include "core/thread_pool.h"
#include "frontend/left_out.h"

namespace kverify::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::optional<Unknown> whyStopped(const AuditOptions& options) {
  StopReason reason = options.stop ? options.stop->reason.load() : StopReason::None;
  if (reason == StopReason::Interrupted)
    return Unknown{unknown_reason::interrupted, "stopped by the user"};
  if (reason == StopReason::TimeBudget)
    return Unknown{unknown_reason::time_budget, "the time given was used up"};
  return std::nullopt;
}

/// Without a contract arrays are assumed to be large enough: where an access leaves them, they were not, and the kernel
/// gets larger ones before it is accused.
void growAssumedBuffers(Subject& subject, const std::vector<generate::Case>& cases, simt::Program& program,
                        const AuditOptions& options) {
  if (subject.contract || cases.empty())
    return;
  CaseRun probe = runCase(subject, cases[0], program, limitsOf(subject, options));
  bool leaves = std::any_of(probe.findings.begin(), probe.findings.end(),
                            [](const Finding& f) { return f.check.starts_with("bounds.global-"); });
  if (leaves)
    assumeBuffers(subject, kLargeAssumedBuffers);
}

/// Runs the cases on the pool, without explaining what is wrong. A case that shows that more of them are pointless
/// keeps later ones from starting.
std::vector<CaseRun> runCases(const Subject& subject, const std::vector<generate::Case>& cases, simt::Program& program,
                              const AuditOptions& options) {
  std::vector<CaseRun> runs(cases.size());
  simt::RunLimits limits = limitsOf(subject, options);
  limits.explain = false;
  std::atomic<std::size_t> done{0}, last_useful{cases.size()};
  std::mutex mutex;
  std::set<std::size_t> endless;
  // The first case after which more of them are pointless, as far as this one tells.
  auto deadEnd = [&](std::size_t i, const CaseRun& run) -> std::optional<std::size_t> {
    if (!shortfall(std::span(&run, 1), std::nullopt))
      return std::nullopt;
    if (!ranOutOfSteps(run))
      return i;
    std::lock_guard lock(mutex);
    endless.insert(i);
    return endless.size() < kMostEndless ? std::nullopt
                                         : std::optional(*std::next(endless.begin(), kMostEndless - 1));
  };
  parallelFor(cases.size(), options.workers, [&](std::size_t i) {
    runs[i].one_case = cases[i];
    if (i > last_useful || (options.stop && options.stop->stop))
      return;
    runs[i] = runCase(subject, cases[i], program, limits);
    if (auto last = deadEnd(i, runs[i])) {
      std::size_t known = last_useful;
      while (*last < known && !last_useful.compare_exchange_weak(known, *last)) {
      }
    }
    if (options.progress)
      options.progress(++done, cases.size());
  });
  return runs;
}

/// Explains the doubtful cases, which is slow, a few at a time in their order, until there is a finding: one kernel
/// that is broken in forty cases is broken. Returns how many were left unexplained; they are taken out of `runs`.
std::size_t explainCases(const Subject& subject, std::vector<CaseRun>& runs, simt::Program& program,
                         const AuditOptions& options) {
  constexpr std::size_t kAtATime = 6;
  std::vector<std::size_t> doubtful;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (runs[i].doubt)
      doubtful.push_back(i);
  bool found = false;
  for (std::size_t first = 0; first < doubtful.size() && !found; first += kAtATime) {
    std::size_t count = std::min(kAtATime, doubtful.size() - first);
    parallelFor(count, options.workers, [&](std::size_t i) {
      CaseRun& run = runs[doubtful[first + i]];
      run = runCase(subject, run.one_case, program, limitsOf(subject, options));
    });
    for (std::size_t i = 0; i < count; ++i)
      found |= !runs[doubtful[first + i]].findings.empty();
  }
  return std::erase_if(runs, [](const CaseRun& run) { return run.doubt; });
}

/// What the operation owes beside its values, tried where nothing else is wrong. Returns the checks that nothing here
/// can answer.
std::vector<NothingToJudge> runProperties(const Subject& subject, const std::vector<generate::Case>& cases,
                                          simt::Program& program, const AuditOptions& options,
                                          std::vector<CaseRun>& runs) {
  std::vector<generate::Case> related = propertyCases(*subject.contract, cases);
  bool clean = !shortfall(runs, std::nullopt) && distinctFindings(runs).empty();
  if (clean && !related.empty()) {
    std::vector<CaseRun> more = runCases(subject, related, program, options);
    explainCases(subject, more, program, options);
    std::move(more.begin(), more.end(), std::back_inserter(runs));
  }
  return propertiesNotOwed(related, subject.contract->spec->name);
}

ReplayFile replayOf(const Subject& subject, const ConfirmedFinding& confirmed) {
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
  replay.compile.headers =
      subject.module.headers == "toolkit" ? frontend::CudaHeaders::Toolkit : frontend::CudaHeaders::Builtin;
  return replay;
}

/// Confirms, names, and writes down what was found. What cannot be confirmed keeps confirmed = false.
std::vector<ShownFinding> settleFindings(const Subject& subject, std::vector<ShownFinding> shown,
                                         const AuditOptions& options, KernelReport& report) {
  // Ctrl-C ends the search, not the confirmation of what was found already.
  simt::RunLimits limits = limitsOf(subject, options);
  limits.stop = nullptr;
  auto confirmed = confirmFindings(subject, shown, limits);
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
      auto path = writeReplay(options.output, replayOf(subject, entry));
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

void addNotes(const Subject& subject, const generate::CaseSet& cases, std::span<const CaseRun> runs,
              KernelReport& report) {
  if (!subject.judgesValues())
    report.notes.push_back(subject.contract ? "values were not judged: the contract names no operation"
                                            : "values were not judged: there is no contract");
  if (!cases.uncovered.empty())
    report.notes.push_back(fmt::format("too large to be covered: {}", fmt::join(cases.uncovered, ", ")));
  std::uint64_t printed = 0;
  for (const CaseRun& run : runs)
    printed += run.printed_bytes;
  if (printed)
    report.notes.push_back(fmt::format("the kernel printed {} bytes over all cases", printed));
  auto review = std::find_if(runs.begin(), runs.end(), [](const CaseRun& run) {
    return run.judgement && run.judgement->tier == judge::Tier::Review;
  });
  if (review != runs.end())
    report.notes.push_back(fmt::format("worth a look: an error of {:.3g} of the bound, legal but above what is usual "
                                       "({})",
                                       review->judgement->worst_ratio, review->one_case.describe()));
  std::istringstream diagnostics(subject.module.diagnostics);
  for (std::string line; std::getline(diagnostics, line);)
    if (line.find("warning:") != std::string::npos)
      report.notes.push_back("clang: " + line);
}

/// Smaller cases of what was found: the first few findings, which are of different places. They share the rest of a time
/// budget with nothing: what is shown must be small.
std::vector<ShownFinding> shrinkFindings(const Subject& subject, std::vector<ShownFinding> shown, simt::Program& program,
                                         const AuditOptions& options) {
  constexpr std::size_t kMost = 6;
  parallelFor(std::min(kMost, shown.size()), options.workers, [&](std::size_t i) {
    shown[i] = shrunk(subject, std::move(shown[i]), program, limitsOf(subject, options));
  });
  return shown;
}

/// The cases of earlier audits that this contract allows, before those that were drawn.
void replayFirst(const Subject& subject, const AuditOptions& options, generate::CaseSet& cases, KernelReport& report) {
  if (options.saved_cases.empty() || !subject.contract)
    return;
  LoadedCases saved = loadCases(caseCorpusPath(options.saved_cases, *subject.contract), *subject.contract);
  for (std::string& problem : saved.problems)
    report.notes.push_back(std::move(problem));
  if (saved.cases.empty())
    return;
  report.notes.push_back(fmt::format("{} saved cases were replayed first", saved.cases.size()));
  cases.cases.insert(cases.cases.begin(), saved.cases.begin(), saved.cases.end());
}

/// What was found, for the next audit.
void saveFound(const Subject& subject, const std::vector<ShownFinding>& findings, const AuditOptions& options,
               KernelReport& report) {
  if (options.saved_cases.empty() || !subject.contract)
    return;
  std::vector<SavedCase> found;
  for (const ShownFinding& shown : findings)
    if (shown.finding.confirmed && !shown.one_case.only_block)
      found.push_back({shown.finding.check, subject.job.source, shown.one_case});
  auto saved = saveCases(caseCorpusPath(options.saved_cases, *subject.contract), found);
  if (!saved)
    report.notes.push_back(saved.error().message);
}

/// Stress cases and schedules, and an outcome of this stage for what they judge.
void stabilise(const Subject& subject, const std::vector<generate::Case>& cases, simt::Program& program,
               const AuditOptions& options, KernelReport& report) {
  auto start = Clock::now();
  StabilityResult result = runStability(subject, cases, program, options);
  report.stability = std::move(result.table);
  std::move(result.notes.begin(), result.notes.end(), std::back_inserter(report.notes));
  auto counted = countedRuns(result.runs);
  auto shown = distinctFindings(counted);
  std::erase_if(shown, [&](const ShownFinding& one) { return findAgain(one.finding, report.findings) != nullptr; });
  auto findings = settleFindings(subject, shrinkFindings(subject, std::move(shown), program, options), options, report);
  saveFound(subject, findings, options, report);
  FoldInput input{.runs = counted,
                  .findings = findings,
                  .incomplete = shortfall(counted, whyStopped(options)),
                  .seed = options.seed,
                  .scope = result.scope,
                  .judges_values = subject.judgesValues()};
  for (const CheckInfo* check : allChecks()) {
    bool by_value = std::string_view(check->stage) == "fuzz" && std::string_view(check->id).starts_with("numerics.");
    bool is_own = std::string_view(check->stage) == "stability" && options.require_determinism;
    if (is_own || (by_value && subject.judgesValues()))
      report.outcomes.push_back({check->id, "stability", outcomeOf(*check, input), secondsSince(start)});
  }
  for (ShownFinding& one : findings)
    report.findings.push_back(std::move(one.finding));
}

/// The fuzz stage: every registered check of it gets an outcome, whatever happens.
void fuzz(Subject& subject, const AuditOptions& options, KernelReport& report) {
  auto start = Clock::now();
  auto cases = casesOf(subject, options.seed, options.budget);
  if (!cases) {
    report.error = cases.error(); // a contract that no sizes satisfy is bad input
    return;
  }
  const std::vector<generate::Case> drawn = cases->cases;
  replayFirst(subject, options, *cases, report);
  std::vector<CaseRun> runs;
  std::optional<Unknown> incomplete;
  auto program = simt::Program::create(subject.module);
  if (program) {
    growAssumedBuffers(subject, cases->cases, **program, options);
    runs = runCases(subject, cases->cases, **program, options);
    if (std::size_t unexplained = explainCases(subject, runs, **program, options))
      report.notes.push_back(
          fmt::format("{} more cases are broken too; what the first ones show is explained", unexplained));
    if (subject.judgesValues())
      report.idle = runProperties(subject, drawn, **program, options, runs);
  } else {
    incomplete = Unknown{unknown_reason::tool_error, program.error().message};
  }
  report.assumptions = subject.assumptions;
  if (allowsEqualWrites(subject, options))
    report.assumptions.push_back("threads may write the same bits to one place (same-value writes are allowed)");
  auto counted = countedRuns(runs);
  if (!incomplete)
    incomplete = shortfall(counted, whyStopped(options));
  std::vector<ShownFinding> candidates = distinctFindings(counted);
  if (program)
    candidates = shrinkFindings(subject, std::move(candidates), **program, options);
  std::optional<AlgebraResult> algebra;
  if (hasAlgebra(subject)) {
    algebra = incomplete ? AlgebraResult{.outcome = *incomplete}
                         : judgeAlgebraOf(subject, counted, options.seed, limitsOf(subject, options));
    if (!algebra->uncovered.empty()) {
      report.notes.push_back("the algebra was not judged: " + algebra->uncovered);
      algebra.reset();
    } else if (algebra->finding)
      candidates.push_back({*algebra->finding, algebra->one_case});
  }
  auto findings = settleFindings(subject, std::move(candidates), options, report);
  saveFound(subject, findings, options, report);
  FoldInput input{.runs = counted,
                  .findings = findings,
                  .incomplete = incomplete,
                  .seed = options.seed,
                  .scope = cases->scope,
                  .judges_values = subject.judgesValues()};
  for (const CheckInfo* check : allChecks()) {
    if (std::string_view(check->stage) != "fuzz" || (needsReference(*check) && !subject.judgesValues()))
      continue;
    if (std::any_of(report.idle.begin(), report.idle.end(), [&](const auto& idle) { return idle.check == check->id; }))
      continue;
    if (check->id == std::string_view("race.same-value-write") && allowsEqualWrites(subject, options))
      continue; // nobody looked
    if (check->id == std::string_view(shadow::kAlgebraCheck)) {
      if (algebra)
        report.outcomes.push_back({check->id, check->stage,
                                   algebra->finding ? outcomeOf(*check, input) : algebra->outcome, secondsSince(start)});
      continue;
    }
    report.outcomes.push_back({check->id, check->stage, outcomeOf(*check, input), secondsSince(start)});
  }
  for (ShownFinding& one : findings)
    report.findings.push_back(std::move(one.finding));
  addNotes(subject, *cases, counted, report);
  if (options.stages.stability && program)
    stabilise(subject, drawn, **program, options, report);
  if (subject.judgesValues() && std::none_of(report.findings.begin(), report.findings.end(),
                                             [](const Finding& finding) { return finding.confirmed; }))
    report.adequacy = judgeOracle(subject, drawn, options);
  distrust(report);
}

/// The formal stage: proofs, and findings where a run confirmed what the solver suspected.
void formal(Subject& subject, const AuditOptions& options, KernelReport& report) {
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

bool allowsEqualWrites(const Subject& subject, const AuditOptions& options) {
  return options.equal_writes.value_or(subject.contract && subject.contract->equal_writes);
}

std::string fingerprintOf(const Finding& finding, const std::string& kernel, const std::string& source_bytes) {
  unsigned wanted = 0;
  if (!finding.locations.empty() && !finding.locations[0].stack.empty())
    wanted = finding.locations[0].stack[0].line;
  std::istringstream lines(source_bytes);
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
    if (stages.lint && std::string_view(check->stage) == "static")
      known.outcomes.push_back({check->id, check->stage, why, 0});
  known.verdict = foldVerdict(known.outcomes, Policy{});
  return known;
}

namespace {

/// The stages that need the kernel compiled, with a launch. Returns the kernels that they looked at.
std::vector<std::string> runStages(const Job& job, const AuditOptions& options, KernelReport& report) {
  auto subject = prepare(job, options.compile, options.stages.fuzz);
  if (!subject) {
    report.error = subject.error();
    return {};
  }
  report.kernel = subject->displayName();
  report.source_sha256 = subject->module.source.sha256;
  report.headers = subject->module.headers;
  report.target = subject->module.target;
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
  if (options.stages.formal && !report.error)
    formal(*subject, options, report);
  reconcile(report);
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
  report.verdict = foldVerdict(report.outcomes, options.policy);
  report.seconds = secondsSince(start);
  return report;
}

void closeReport(Report& report, bool interrupted) {
  report.partial = interrupted;
  std::vector<int> codes;
  for (const KernelReport& kernel : report.kernels)
    codes.push_back(kernel.error ? int{kExitError} : exitCodeOf(kernel.verdict));
  if (interrupted)
    codes.push_back(kExitInconclusive);
  report.exit_code = worstExitCode(codes);
}

} // namespace kverify::pipeline
