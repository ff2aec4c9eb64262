#include "cli/pipeline/fuzz_stage.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <span>
#include <sstream>

#include <fmt/format.h>

#include "cli/pipeline/adequacy_run.h"
#include "cli/pipeline/algebra.h"
#include "cli/pipeline/audit_record.h"
#include "cli/pipeline/case_corpus.h"
#include "cli/pipeline/confirm.h"
#include "cli/pipeline/gpu_outcome.h"
#include "cli/pipeline/limits.h"
#include "cli/pipeline/property_cases.h"
#include "cli/pipeline/run_cases.h"
#include "cli/pipeline/search.h"
#include "cli/pipeline/settle.h"
#include "cli/pipeline/stability_run.h"

namespace kverify::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class FuzzStage {
public:
  FuzzStage(Subject& subject, const AuditOptions& options, KernelReport& report)
      : subject_(subject), options_(options), report_(report) {}

  void run() {
    auto cases = casesOf(subject_, options_.seed, options_.budget);
    if (!cases) {
      report_.error = cases.error();
      return;
    }
    drawn_ = std::move(*cases);
    report_.search = Search{.seed = options_.seed,
                            .rejected_requires = drawn_.rejected_requires,
                            .rejected_work = drawn_.rejected_work};
    std::vector<generate::Case> saved = savedCases();
    auto runner = createRunner(subject_, options_.backend, {.coverage = true});
    simt::Program* program = runner ? runner->program.get() : nullptr;
    if (program)
      runAll(std::move(saved), *program);
    else
      incomplete_ = whyNoRunner(runner.error());
    report_.assumptions = subject_.assumptions;
    if (allowsEqualWrites(subject_, options_))
      report_.assumptions.push_back("threads may write the same bits to one place (same-value writes are allowed)");
    checked_ = options_.backend.backend == Backend::Simt ? program : nullptr;
    judge(program, runner ? runner->gpu : nullptr);
    addNotes();
    if (options_.checkpoint)
      options_.checkpoint(report_);
    if (options_.stages.stability && program)
      stabilise(*program);
    bool clean = std::none_of(report_.findings.begin(), report_.findings.end(),
                              [](const Finding& finding) { return finding.confirmed; });
    if (subject_.judgesValues() && clean)
      report_.adequacy = judgeOracle(subject_, drawn_.cases, options_, checked_);
    if (report_.adequacy && options_.quick)
      report_.notes.push_back("quick: the oracle was not tried on the kernel's own mutants");
    distrust(report_);
  }

private:
  /// The cases of earlier audits that this contract allows and this budget affords.
  std::vector<generate::Case> savedCases() {
    if (options_.saved_cases.empty() || !subject_.contract)
      return {};
    LoadedCases saved =
        loadCases(caseCorpusPath(options_.saved_cases, *subject_.contract), *subject_.contract,
                  {.source = subject_.job.source, .work = options_.budget.large_work, .memory_bytes = options_.budget.memory_bytes});
    for (std::string& problem : saved.problems)
      report_.notes.push_back(std::move(problem));
    report_.search->rejected_saved = saved.rejected;
    return std::move(saved.cases);
  }

  /// Without a contract arrays are assumed to be large enough: where an access leaves them, they were not, and the kernel
  /// gets larger ones before it is accused.
  void growAssumedBuffers(simt::Program& program) {
    if (subject_.contract || drawn_.cases.empty())
      return;
    CaseRun probe = runCase(subject_, drawn_.cases[0], program, limitsOf(subject_, options_));
    bool leaves = std::any_of(probe.findings.begin(), probe.findings.end(),
                              [](const Finding& f) { return f.check.starts_with("bounds.global-"); });
    if (leaves)
      assumeBuffers(subject_, kLargeAssumedBuffers);
  }

  void runAll(std::vector<generate::Case> cases, simt::Program& program) {
    growAssumedBuffers(program);
    const std::size_t saved = cases.size();
    cases.insert(cases.end(), drawn_.cases.begin(), drawn_.cases.end());
    runs_ = runCases(subject_, cases, program, options_);
    auto began = [&](std::size_t from, std::size_t to) {
      const auto part = std::span(runs_).subspan(from, to - from);
      return static_cast<std::uint64_t>(std::ranges::count_if(part, [](const CaseRun& run) { return run.ran; }));
    };
    report_.search->replayed = began(0, saved);
    report_.search->drawn = began(saved, runs_.size());
    if (std::size_t unexplained = explainCases(subject_, runs_, program, options_))
      report_.notes.push_back(
          fmt::format("{} more cases are broken too; what the first ones show is explained", unexplained));
    search(program);
    if (subject_.judgesValues())
      report_.idle = runProperties(program);
  }

  bool isClean() const { return !shortfall(runs_, std::nullopt) && distinctFindings(runs_).empty(); }

  /// Cases near those that reached something new, where nothing is wrong so far; and what all of them reached.
  void search(simt::Program& program) {
    auto map = program.coverageMap();
    if (!map)
      return;
    Search& told = *report_.search;
    if (subject_.contract && isClean() && (options_.search.cases > 0 || options_.search.seconds > 0)) {
      generate::CaseBudget budget = options_.budget;
      budget.tiles = tilesOf(subject_);
      CoverageSearch search(subject_, **map, options_, budget);
      search.note(runs_);
      std::vector<CaseRun> more = search.run(program);
      Search added = search.told();
      told.guided = added.guided;
      told.kept = added.kept;
      told.rejected_requires += added.rejected_requires;
      told.rejected_work += added.rejected_work;
      told.ended = added.ended;
      reached_something_ = search.kept();
      std::move(more.begin(), more.end(), std::back_inserter(runs_));
    }
    std::set<Sizes> shapes;
    for (const CaseRun& run : runs_)
      if (run.ran)
        shapes.insert(run.one_case.sizes);
    told.shapes = shapes.size();
    told.coverage = describeCoverage(**map, reachedBy(**map, runs_), subject_);
    for (CaseRun& run : runs_)
      run.coverage = {};
  }

  /// What the operation owes beside its values, tried where nothing else is wrong. Returns the checks that nothing here
  /// can answer.
  std::vector<NothingToJudge> runProperties(simt::Program& program) {
    std::vector<generate::Case> related = propertyCases(*subject_.contract, drawn_.cases);
    if (isClean() && !related.empty()) {
      std::vector<CaseRun> more = runCases(subject_, related, program, options_);
      explainCases(subject_, more, program, options_);
      std::move(more.begin(), more.end(), std::back_inserter(runs_));
    }
    return propertiesNotOwed(related, *subject_.contract);
  }

  /// Field runs; nothing where the operation is not evaluated in the field.
  std::optional<AlgebraResult> judgeAlgebra(std::span<const CaseRun> counted) {
    if (!hasAlgebra(subject_))
      return std::nullopt;
    AlgebraResult algebra = incomplete_ ? AlgebraResult{.outcome = *incomplete_}
                                        : judgeAlgebraOf(subject_, counted, options_.seed, limitsOf(subject_, options_), checked_);
    if (const auto* unknown = std::get_if<Unknown>(&algebra.outcome);
        unknown && unknown->code == unknown_reason::not_judged && !algebra.finding)
      report_.notes.push_back("the algebra was not judged: " + unknown->detail);
    return algebra;
  }

  void judge(simt::Program* program, const std::shared_ptr<GpuRecord>& gpu) {
    auto counted = countedRuns(runs_);
    if (options_.record)
      options_.record->keep("fuzz", counted, scope(counted));
    if (!incomplete_)
      incomplete_ = shortfall(counted, whyStopped(options_));
    std::vector<ShownFinding> candidates = distinctFindings(counted);
    if (program)
      candidates = shrinkFindings(subject_, std::move(candidates), *program, options_);
    auto algebra = judgeAlgebra(counted);
    if (algebra && algebra->finding)
      candidates.push_back({*algebra->finding, algebra->one_case});
    auto findings = settleFindings(subject_, std::move(candidates), options_, report_);
    saveFound(subject_, findings, reached_something_, options_, report_);
    FoldInput input{.runs = counted,
                    .findings = findings,
                    .incomplete = incomplete_,
                    .seed = options_.seed,
                    .scope = scope(counted),
                    .judges_values = subject_.judgesValues()};
    for (const CheckInfo* check : allChecks()) {
      if (std::string_view(check->stage) != "fuzz" || !isJudged(*check))
        continue;
      const bool by_algebra = check->id == std::string_view(shadow::kAlgebraCheck);
      if (by_algebra && !algebra)
        continue;
      if (by_algebra && !algebra->finding)
        report_.outcomes.push_back({check->id, check->stage, algebra->outcome, 0});
      else
        report_.outcomes.push_back(
            {check->id, check->stage,
             by_algebra || isSeenOn(options_.backend.backend, *check) ? outcomeOf(*check, input) : unseen(*check, input), 0});
    }
    if (options_.backend.backend != Backend::Simt)
      judgeGpu(gpu, options_.backend.backend, input, secondsSince(start_), report_);
    for (ShownFinding& one : findings)
      report_.findings.push_back(std::move(one.finding));
    for (CheckOutcome& outcome : report_.outcomes)
      if (outcome.stage == "fuzz")
        outcome.seconds = secondsSince(start_);
  }

  bool isJudged(const CheckInfo& check) const {
    if (needsReference(check) && !subject_.judgesValues())
      return false;
    if (std::any_of(report_.idle.begin(), report_.idle.end(), [&](const auto& idle) { return idle.check == check.id; }))
      return false;
    // Where it is allowed, nobody looked.
    return check.id != std::string_view("race.same-value-write") || !allowsEqualWrites(subject_, options_);
  }

  /// Of all cases that were judged by themselves, drawn or not.
  std::string scope(std::span<const CaseRun> counted) const {
    if (!subject_.contract)
      return drawn_.scope;
    std::vector<generate::Case> cases;
    for (const CaseRun& run : counted)
      if (run.ran && run.one_case.property.empty())
        cases.push_back(run.one_case);
    return cases.empty() ? drawn_.scope : generate::scopeOf(*subject_.contract, cases);
  }

  void addNotes() {
    std::vector<std::string>& notes = report_.notes;
    if (!subject_.judgesValues())
      notes.push_back(subject_.contract ? "values were not judged: the contract names no operation"
                                        : "values were not judged: there is no contract");
    if (!drawn_.uncovered.empty())
      notes.push_back(fmt::format("too large to be covered: {}", fmt::join(drawn_.uncovered, ", ")));
    auto counted = countedRuns(runs_);
    std::uint64_t printed = 0;
    for (const CaseRun& run : counted)
      printed += run.printed_bytes;
    if (printed)
      notes.push_back(fmt::format("the kernel printed {} bytes over all cases", printed));
    auto review = std::find_if(counted.begin(), counted.end(), [](const CaseRun& run) {
      return run.judgement && run.judgement->tier == judge::Tier::Review;
    });
    if (review != counted.end())
      notes.push_back(fmt::format("worth a look: an error of {:.3g} of the bound, legal but above what is usual ({})",
                                  review->judgement->worst_ratio, review->one_case.describe()));
    std::istringstream diagnostics(subject_.module.diagnostics);
    for (std::string line; std::getline(diagnostics, line);)
      if (line.find("warning:") != std::string::npos)
        notes.push_back("clang: " + line);
  }

  /// Stress cases and schedules, and an outcome of that stage for what they judge.
  void stabilise(simt::Program& program) {
    auto start = Clock::now();
    StabilityResult result = runStability(subject_, drawn_.cases, program, options_);
    report_.stability = std::move(result.table);
    std::move(result.notes.begin(), result.notes.end(), std::back_inserter(report_.notes));
    auto counted = countedRuns(result.runs);
    if (options_.record)
      options_.record->keep("stability", counted, result.scope);
    auto shown = distinctFindings(counted);
    std::vector<ShownFinding> known; // told already: not again, and yet not passed
    std::erase_if(shown, [&](const ShownFinding& one) {
      const Finding* told = findAgain(one.finding, report_.findings);
      if (told)
        known.push_back({*told, one.one_case});
      return told != nullptr;
    });
    auto findings =
        settleFindings(subject_, shrinkFindings(subject_, std::move(shown), program, options_), options_, report_);
    saveFound(subject_, findings, {}, options_, report_);
    known.insert(known.end(), findings.begin(), findings.end());
    FoldInput input{.runs = counted,
                    .findings = known,
                    .incomplete = shortfall(counted, whyStopped(options_)),
                    .seed = options_.seed,
                    .scope = result.scope,
                    .judges_values = subject_.judgesValues()};
    for (const CheckInfo* check : allChecks()) {
      bool by_value = std::string_view(check->stage) == "fuzz" && std::string_view(check->id).starts_with("numerics.");
      bool is_own = std::string_view(check->stage) == "stability" && options_.require_determinism;
      if (is_own || (by_value && subject_.judgesValues()))
        report_.outcomes.push_back({check->id, "stability", outcomeOf(*check, input), secondsSince(start)});
    }
    for (ShownFinding& one : findings)
      report_.findings.push_back(std::move(one.finding));
  }

  Subject& subject_;
  const AuditOptions& options_;
  KernelReport& report_;
  Clock::time_point start_ = Clock::now();
  generate::CaseSet drawn_;
  std::vector<CaseRun> runs_;
  simt::Program* checked_ = nullptr; ///< the executor's program, compiled once for all that need it; not a GPU's
  std::vector<generate::Case> reached_something_;
  std::optional<Unknown> incomplete_;
};

} // namespace

void fuzz(Subject& subject, const AuditOptions& options, KernelReport& report) {
  FuzzStage(subject, options, report).run();
}

} // namespace kverify::pipeline
