#include "cli/pipeline/mutant_jury.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "cli/pipeline/algebra.h"
#include "cli/pipeline/formal.h"
#include "cli/pipeline/mutate.h"
#include "cli/pipeline/property_cases.h"
#include "cli/pipeline/stability_run.h"
#include "core/thread_pool.h"

namespace kverify::pipeline {
namespace {

/// A mutant that takes so many times the steps of the kernel does not end, or might as well not.
constexpr std::uint64_t kMoreSteps = 8;
constexpr std::uint64_t kFewestSteps = std::uint64_t{1} << 18;

bool endedClean(const CaseRun& run) {
  return !run.error && !run.doubt && run.findings.empty() && run.status == simt::RunStatus::Completed;
}

/// Does the case, with its steps, accuse the mutant?
bool accuses(const CaseRun& seen, JuryVerdict& verdict) {
  if (!seen.findings.empty()) {
    verdict.check = seen.findings[0].check;
    verdict.detail = seen.findings[0].message;
    return true;
  }
  if (seen.status != simt::RunStatus::StepLimit)
    return false;
  verdict.check = "step-limit";
  verdict.detail = fmt::format("takes more than {} times the steps of the kernel", kMoreSteps);
  return true;
}

} // namespace

simt::RunLimits Jury::limits(std::uint64_t steps, bool explain) const {
  simt::RunLimits limits{.steps = steps,
                         .memory_bytes = options_.memory_bytes,
                         .equal_writes = allowsEqualWrites(subject_, options_),
                         .explain = explain};
  if (options_.stop)
    limits.stop = &options_.stop->stop;
  return limits;
}

/// First without explanation, which is fast; what cannot be cleared is run again, to be told.
CaseRun Jury::run(const Subject& subject, const Witness& witness, simt::Program& program, std::uint64_t steps) const {
  CaseRun quick = runPrepared(subject, witness.prepared, program, limits(steps, false));
  return quick.doubt ? runPrepared(subject, witness.prepared, program, limits(steps, true)) : quick;
}

std::optional<Witness> Jury::witness(const generate::Case& one_case, simt::Program& program,
                                     std::string& broken) const {
  auto prepared = prepareCase(subject_, one_case, options_.memory_bytes);
  if (!prepared) {
    broken = prepared.error().message;
    return std::nullopt;
  }
  Witness witness{std::move(*prepared)};
  for (std::uint64_t steps = kFewestSteps; steps <= options_.steps; steps *= kMoreSteps) {
    CaseRun seen = run(subject_, witness, program, steps);
    if (seen.error)
      broken = seen.error->message;
    else if (!seen.findings.empty())
      broken = seen.findings[0].check;
    if (!broken.empty())
      return std::nullopt;
    witness.steps = steps * kMoreSteps;
    if (seen.status == simt::RunStatus::Completed)
      return witness;
    if (seen.status != simt::RunStatus::StepLimit)
      return std::nullopt;
  }
  return std::nullopt;
}

Expected<void> Jury::admit(const std::vector<generate::Case>& drawn, simt::Program& program, std::vector<Witness>& to) {
  std::vector<std::optional<Witness>> seen(drawn.size());
  std::vector<std::string> broken(drawn.size());
  parallelFor(drawn.size(), options_.workers, [&](std::size_t i) { seen[i] = witness(drawn[i], program, broken[i]); });
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    if (!broken[i].empty())
      return fail(ErrorKind::Input, fmt::format("the kernel itself is wrong ({}): its mutants say nothing", broken[i]),
                  subject_.module.source.path, "kverify audit shows what is wrong with it");
    if (!seen[i])
      continue;
    most_steps_ = std::max(most_steps_, seen[i]->steps);
    to.push_back(std::move(*seen[i]));
  }
  return {};
}

/// What the operation owes beside its values; two launches each.
std::vector<generate::Case> Jury::relatedCases(const std::vector<generate::Case>& drawn) const {
  return subject_.judgesValues() ? propertyCases(*subject_.contract, drawn) : std::vector<generate::Case>();
}

Expected<void> Jury::seat() {
  auto drawn = casesOf(subject_, options_.seed, options_.budget);
  if (!drawn)
    return tl::unexpected(drawn.error());
  auto program = simt::Program::create(subject_.module);
  if (!program)
    return tl::unexpected(program.error());
  if (auto admitted = admit(drawn->cases, **program, cases_); !admitted)
    return admitted;
  if (cases_.empty())
    return fail(ErrorKind::Input, "there is no case that the kernel ends in within the limits",
                subject_.module.source.path);
  if (auto admitted = admit(relatedCases(drawn->cases), **program, properties_); !admitted)
    return admitted;
  if (options_.stages.stability && subject_.judgesValues())
    if (auto admitted = admit(stressCasesOf(subject_, drawn->cases, options_.seed), **program, stress_); !admitted)
      return admitted;
  for (const Witness& one : cases_)
    passed_.push_back({.one_case = one.prepared.one_case, .ran = true});
  field_.emplace(subject_, limits(most_steps_, true));
  return seatAlgebra();
}

Expected<void> Jury::seatAlgebra() {
  if (!hasAlgebra(subject_)) {
    notes_.push_back("the algebra of mutants is not judged: the operation is not evaluated in the field");
    return {};
  }
  AlgebraResult own = judgeAlgebraOf(subject_, passed_, options_.seed, limits(most_steps_, true));
  if (own.finding)
    return fail(ErrorKind::Input, "the kernel itself is wrong (algebra.mismatch): its mutants say nothing",
                subject_.module.source.path, "kverify audit shows what is wrong with it");
  has_algebra_ = std::holds_alternative<Tested>(own.outcome);
  if (!has_algebra_)
    notes_.push_back("the algebra of mutants is not judged: " + std::get<Unknown>(own.outcome).detail);
  return {};
}

JuryVerdict Jury::judge(Subject& mutant) const {
  JuryVerdict verdict;
  auto program = simt::Program::create(mutant.module);
  if (!program) {
    verdict.unjudged = program.error().message;
    return verdict;
  }
  if (killedBy(stage_name::cases, cases_, mutant, **program, verdict) ||
      killedBy(stage_name::properties, properties_, mutant, **program, verdict) || killedByAlgebra(mutant, verdict) ||
      killedBy(stage_name::stability, stress_, mutant, **program, verdict))
    return verdict;
  if (options_.stages.formal)
    killedByFormal(mutant, verdict);
  return verdict;
}

/// True also where the mutant could not be run.
bool Jury::killedBy(const char* stage, std::span<const Witness> witnesses, const Subject& mutant,
                    simt::Program& program, JuryVerdict& verdict) const {
  for (const Witness& one : witnesses) {
    CaseRun seen = run(mutant, one, program, one.steps);
    if (accuses(seen, verdict)) {
      verdict.stage = stage;
      return true;
    }
    if (seen.error || seen.status != simt::RunStatus::Completed) {
      verdict.unjudged = seen.error ? seen.error->message : seen.reason.empty() ? "stopped" : seen.reason;
      return true;
    }
  }
  return false;
}

bool Jury::killedByAlgebra(const Subject& mutant, JuryVerdict& verdict) const {
  if (!has_algebra_)
    return false;
  AlgebraResult result = judgeAlgebraOf(mutant, passed_, options_.seed, limits(most_steps_, true));
  if (result.finding) {
    verdict.stage = stage_name::algebra;
    verdict.check = result.finding->check;
    verdict.detail = result.finding->message;
  }
  return verdict.killed();
}

/// By a candidate that a run confirmed.
bool Jury::killedByFormal(Subject& mutant, JuryVerdict& verdict) const {
  AuditOptions audit = options_;
  audit.formal.proofs = nullptr; // what a mutant proves is of no use to anyone
  audit.workers = 1;
  for (const CheckOutcome& one : judgeFormally(mutant, audit).outcomes)
    if (const auto* refuted = std::get_if<Refuted>(&one.outcome)) {
      verdict.stage = stage_name::formal;
      verdict.check = one.check;
      verdict.detail = refuted->summary;
      return true;
    }
  return false;
}

bool Jury::stopsSomewhere(const frontend::DeviceModule& module) const {
  Subject probe = subject_;
  probe.module = module;
  auto program = simt::Program::create(probe.module);
  if (!program)
    return true;
  for (const std::vector<Witness>* some : {&cases_, &properties_, &stress_})
    for (const Witness& one : *some)
      if (!endedClean(runPrepared(probe, one.prepared, **program, limits(one.steps, false))))
        return true;
  return false;
}

std::vector<const PreparedCase*> Jury::stoppedCases(const frontend::DeviceModule& module) const {
  std::vector<const PreparedCase*> stopped;
  Subject probe = subject_;
  probe.module = module;
  auto program = simt::Program::create(probe.module);
  for (const std::vector<Witness>* some : {&cases_, &stress_})
    for (const Witness& one : *some)
      if (program && !endedClean(runPrepared(probe, one.prepared, **program, limits(one.steps, false))))
        stopped.push_back(&one.prepared);
  return stopped;
}

} // namespace kverify::pipeline
