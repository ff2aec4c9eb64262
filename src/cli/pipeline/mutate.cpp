#include "cli/pipeline/mutate.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include <fmt/format.h>

#include "cli/pipeline/case_run.h"
#include "cli/pipeline/formal.h"
#include "core/thread_pool.h"
#include "fuzz/mutate/mutants.h"

namespace kverify::pipeline {
namespace {

/// A mutant that takes so many times the steps of the kernel does not end, or might as well not.
constexpr std::uint64_t kMoreSteps = 8;
constexpr std::uint64_t kFewestSteps = std::uint64_t{1} << 18;

/// A case that the kernel passes, and the steps that a mutant may take in it.
struct Allowed {
  generate::Case one_case;
  std::uint64_t steps = 0;
};

class Campaign {
public:
  Campaign(const Subject& subject, const mutate::Mutants& mutants, const MutationOptions& options)
      : subject_(subject), mutants_(mutants), options_(options) {}

  /// The cases that the kernel itself passes. Errors: Input where it breaks a rule in one of them.
  Expected<void> prepareCases() {
    auto cases = casesOf(subject_, options_.audit.seed, options_.audit.budget);
    if (!cases)
      return tl::unexpected(cases.error());
    auto program = simt::Program::create(subject_.module);
    if (!program)
      return tl::unexpected(program.error());
    std::vector<std::optional<Allowed>> allowed(cases->cases.size());
    std::vector<std::string> broken(allowed.size());
    parallelFor(allowed.size(), options_.audit.workers, [&](std::size_t i) {
      allowed[i] = allow(cases->cases[i], **program, broken[i]);
    });
    for (std::size_t i = 0; i < allowed.size(); ++i) {
      if (!broken[i].empty())
        return fail(ErrorKind::Input, fmt::format("the kernel itself is wrong ({}): its mutants say nothing", broken[i]),
                    subject_.module.source.path, "kverify audit shows what is wrong with it");
      if (allowed[i])
        cases_.push_back(*allowed[i]);
    }
    if (cases_.empty())
      return fail(ErrorKind::Input, "there is no case that the kernel ends in within the limits", subject_.module.source.path);
    return {};
  }

  std::size_t cases() const { return cases_.size(); }

  MutantResult judge(const mutate::Mutation& mutation) const {
    MutantResult result{.mutation = mutation};
    auto module = mutants_.make(mutation.index);
    if (!module)
      return unjudged(result, module.error().message);
    Subject mutant = subject_;
    mutant.module = std::move(*module);
    auto program = simt::Program::create(mutant.module);
    if (!program)
      return unjudged(result, program.error().message);
    if (killedByCases(mutant, **program, result))
      return result;
    if (options_.audit.stages.formal && settledByProof(mutant, result))
      return result;
    return compareWithOriginal(result);
  }

private:
  static MutantResult unjudged(MutantResult result, std::string why) {
    result.fate = Fate::Unjudged;
    result.detail = std::move(why);
    return result;
  }

  simt::RunLimits limits(std::uint64_t steps, bool explain) const {
    simt::RunLimits limits{.steps = steps, .memory_bytes = options_.audit.memory_bytes,
                           .equal_writes = allowsEqualWrites(subject_, options_.audit), .explain = explain};
    if (options_.audit.stop)
      limits.stop = &options_.audit.stop->stop;
    return limits;
  }

  /// First without explanation, which is fast; what cannot be cleared is run again, to be told.
  CaseRun run(const Subject& subject, const generate::Case& one_case, simt::Program& program, std::uint64_t steps) const {
    CaseRun quick = runCase(subject, one_case, program, limits(steps, false));
    return quick.doubt ? runCase(subject, one_case, program, limits(steps, true)) : quick;
  }

  std::optional<Allowed> allow(const generate::Case& one_case, simt::Program& program, std::string& broken) const {
    for (std::uint64_t steps = kFewestSteps; steps <= options_.audit.steps; steps *= kMoreSteps) {
      CaseRun seen = run(subject_, one_case, program, steps);
      if (seen.error)
        broken = seen.error->message;
      else if (!seen.findings.empty())
        broken = seen.findings[0].check;
      if (!broken.empty())
        return std::nullopt;
      if (seen.status == simt::RunStatus::Completed)
        return Allowed{one_case, steps * kMoreSteps};
      if (seen.status != simt::RunStatus::StepLimit)
        return std::nullopt;
    }
    return std::nullopt;
  }

  bool killedByCases(const Subject& mutant, simt::Program& program, MutantResult& result) const {
    for (const Allowed& allowed : cases_) {
      CaseRun seen = run(mutant, allowed.one_case, program, allowed.steps);
      if (!seen.findings.empty()) {
        result.check = seen.findings[0].check;
        result.detail = seen.findings[0].message;
      } else if (seen.status == simt::RunStatus::StepLimit) {
        result.check = "step-limit";
        result.detail = fmt::format("takes more than {} times the steps of the kernel", kMoreSteps);
      } else if (seen.error || seen.status != simt::RunStatus::Completed) {
        result = unjudged(result, seen.error ? seen.error->message : seen.reason.empty() ? "stopped" : seen.reason);
        return true;
      } else {
        continue;
      }
      result.fate = Fate::Killed;
      result.stage = "fuzz";
      return true;
    }
    return false;
  }

  /// Killed by a candidate that a run confirmed; or a barrier that nothing needs: without it there is no race, either.
  bool settledByProof(Subject& mutant, MutantResult& result) const {
    AuditOptions audit = options_.audit;
    audit.formal.proofs = nullptr; // what a mutant proves is of no use to anyone
    audit.workers = 1;
    FormalResult formal = judgeFormally(mutant, audit);
    bool free_of_races = !formal.outcomes.empty();
    for (const CheckOutcome& one : formal.outcomes) {
      if (const auto* refuted = std::get_if<Refuted>(&one.outcome)) {
        result.fate = Fate::Killed;
        result.stage = "formal";
        result.check = one.check;
        result.detail = refuted->summary;
        return true;
      }
      bool orders = one.check.starts_with("race.") || one.check.starts_with("init.") || one.check.starts_with("bounds.") ||
                    one.check.starts_with("barrier.") || one.check.starts_with("warp.") || one.check == "index.overflow";
      free_of_races = free_of_races && (!orders || std::holds_alternative<Proved>(one.outcome));
    }
    if (result.mutation.op != mutate::Operator::BarrierRemoved || !free_of_races || !subject_.contract)
      return false;
    result.fate = Fate::Equivalent;
    result.detail = "proved free of races without the barrier: every order gives the same result";
    return true;
  }

  MutantResult compareWithOriginal(MutantResult result) const {
    auto same = mutants_.sameCode(result.mutation.index);
    if (!same)
      return unjudged(result, same.error().message);
    result.fate = Fate::Survived;
    if (*same) {
      result.fate = Fate::Equivalent;
      result.detail = "the same code after optimisation";
    } else if (!isReached(result.mutation.index)) {
      result.fate = Fate::Equivalent;
      result.detail = fmt::format("never executed in {} cases", cases_.size());
    }
    return result;
  }

  bool isReached(std::size_t index) const {
    auto module = mutants_.probe(index);
    if (!module)
      return true;
    Subject probe = subject_;
    probe.module = std::move(*module);
    auto program = simt::Program::create(probe.module);
    if (!program)
      return true;
    return std::any_of(cases_.begin(), cases_.end(), [&](const Allowed& allowed) {
      CaseRun seen = run(probe, allowed.one_case, **program, allowed.steps);
      return seen.error || !seen.findings.empty() || seen.status != simt::RunStatus::Completed;
    });
  }

  const Subject& subject_;
  const mutate::Mutants& mutants_;
  const MutationOptions& options_;
  std::vector<Allowed> cases_;
};

std::vector<mutate::Mutation> sampled(const std::vector<mutate::Mutation>& all, std::size_t most) {
  if (most == 0 || most >= all.size())
    return all;
  std::vector<mutate::Mutation> some;
  for (std::size_t i = 0; i < most; ++i)
    some.push_back(all[(2 * i + 1) * all.size() / (2 * most)]);
  return some;
}

void judgeAll(const Job& job, const MutationOptions& options, MutationReport& report) {
  auto subject = prepare(job, options.audit.compile, true);
  if (!subject) {
    report.error = subject.error();
    return;
  }
  report.kernel = subject->displayName();
  auto mutants = mutate::Mutants::of(subject->module, {subject->system_folders, options.operators});
  if (!mutants) {
    report.error = mutants.error();
    return;
  }
  Campaign campaign(*subject, *mutants, options);
  if (auto ready = campaign.prepareCases(); !ready) {
    report.error = ready.error();
    return;
  }
  report.cases = campaign.cases();
  std::vector<mutate::Mutation> chosen = sampled(mutants->all(), options.sample);
  report.mutants.resize(chosen.size());
  std::atomic<std::size_t> done{0};
  parallelFor(chosen.size(), options.audit.workers, [&](std::size_t i) {
    report.mutants[i] = {.mutation = chosen[i], .detail = "stopped"};
    if (!options.audit.stop || !options.audit.stop->stop)
      report.mutants[i] = campaign.judge(chosen[i]);
    if (options.progress)
      options.progress(++done, chosen.size());
  });
}

} // namespace

std::string_view nameOf(Fate fate) {
  switch (fate) {
  case Fate::Killed: return "killed";
  case Fate::Survived: return "survived";
  case Fate::Equivalent: return "equivalent";
  case Fate::Unjudged: return "unjudged";
  }
  return "?";
}

std::size_t MutationReport::count(Fate fate) const {
  return static_cast<std::size_t>(
      std::count_if(mutants.begin(), mutants.end(), [&](const MutantResult& one) { return one.fate == fate; }));
}

double MutationReport::score() const {
  std::size_t others = mutants.size() - count(Fate::Equivalent);
  return others == 0 ? 1 : static_cast<double>(count(Fate::Killed)) / static_cast<double>(others);
}

MutationReport mutateJob(const Job& job, const MutationOptions& options) {
  auto start = std::chrono::steady_clock::now();
  MutationReport report{.file = job.source, .kernel = job.kernel, .contract = job.contract};
  if (job.error)
    report.error = job.error;
  else
    judgeAll(job, options, report);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

} // namespace kverify::pipeline
