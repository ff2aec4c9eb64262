#include "cli/pipeline/mutate.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "cli/pipeline/mutant_equivalence.h"
#include "cli/pipeline/mutant_jury.h"
#include "core/thread_pool.h"
#include "fuzz/mutate/mutants.h"

namespace kverify::pipeline {
namespace {

MutantResult judgeOne(const Subject& subject, const mutate::Mutants& mutants, const Jury& jury,
                      const mutate::Mutation& mutation) {
  MutantResult result{.mutation = mutation};
  auto module = mutants.make(mutation.index);
  if (!module) {
    result.detail = module.error().message;
    return result;
  }
  Subject mutant = subject;
  mutant.module = std::move(*module);
  JuryVerdict verdict = jury.judge(mutant);
  result.fate = verdict.killed() ? Fate::Killed : verdict.unjudged.empty() ? Fate::Survived : Fate::Unjudged;
  result.stage = std::move(verdict.stage);
  result.check = std::move(verdict.check);
  result.detail = verdict.unjudged.empty() ? std::move(verdict.detail) : std::move(verdict.unjudged);
  return result;
}

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
  Jury jury(*subject, options.audit);
  if (auto ready = jury.seat(); !ready) {
    report.error = ready.error();
    return;
  }
  report.cases = jury.cases();
  report.notes = jury.notes();
  std::vector<mutate::Mutation> chosen = sampled(mutants->all(), options.sample);
  report.mutants.resize(chosen.size());
  std::atomic<std::size_t> done{0};
  parallelFor(chosen.size(), options.audit.workers, [&](std::size_t i) {
    report.mutants[i] = {.mutation = chosen[i], .detail = "stopped"};
    if (!options.audit.stop || !options.audit.stop->stop)
      report.mutants[i] = judgeOne(*subject, *mutants, jury, chosen[i]);
    if (options.progress)
      options.progress(++done, chosen.size());
  });
  std::vector<MutantResult*> survivors;
  for (MutantResult& one : report.mutants)
    if (one.fate == Fate::Survived)
      survivors.push_back(&one);
  settleSurvivors(*subject, *mutants, jury, options.audit, survivors);
}

} // namespace

std::string_view nameOf(Fate fate) {
  switch (fate) {
  case Fate::Killed: return "killed";
  case Fate::Survived: return "survived";
  case Fate::Equivalent: return "equivalent";
  case Fate::SameFunction: return "same-function";
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

double MutationReport::scoreOfOtherFunctions() const {
  std::size_t others = mutants.size() - count(Fate::Equivalent) - count(Fate::SameFunction);
  return others == 0 ? 1 : static_cast<double>(count(Fate::Killed)) / static_cast<double>(others);
}

std::map<std::string, std::size_t> MutationReport::killedBy() const {
  std::map<std::string, std::size_t> by;
  for (const MutantResult& one : mutants)
    if (one.fate == Fate::Killed)
      ++by[one.stage];
  return by;
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
