#include "cli/pipeline/mutant_equivalence.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "cli/pipeline/formal.h"
#include "core/thread_pool.h"
#include "fuzz/shadow/algebra.h"
#include "verifier/checks/prove.h"

namespace kverify::pipeline {
namespace {

using mutate::Operator;

constexpr std::size_t kFewestCases = 2; ///< in which its value differs and the field run is equal, of the same function
constexpr unsigned kClaimMs = 2000;
constexpr double kClaimSeconds = 60; ///< of a kernel's claims together

bool decidesOrder(Operator op) {
  return op == Operator::BarrierRemoved || op == Operator::WaitCount;
}

void settle(MutantResult& result, Fate fate, std::string detail) {
  result.fate = fate;
  result.detail = std::move(detail);
}

bool isOpen(const MutantResult* one) {
  return one->fate == Fate::Survived;
}

/// Do the kernel's integers have the values that the solver takes them for?
bool isExact(const verifier::ProveResult& proved) {
  bool exact = !proved.outcomes.empty();
  for (const CheckOutcome& one : proved.outcomes)
    if (one.check == "index.overflow" || one.check == "access.readonly-write")
      exact = exact && std::holds_alternative<Proved>(one.outcome);
  return exact;
}

/// What the solver says of all survivors at once: the claims that hold for every launch.
std::set<std::string> provedClaims(const Subject& subject, const mutate::Mutants& mutants, const AuditOptions& options,
                                   std::span<MutantResult* const> survivors) {
  std::vector<std::size_t> indices;
  for (const MutantResult* one : survivors)
    if (isOpen(one) && !decidesOrder(one->mutation.op))
      indices.push_back(one->mutation.index);
  if (indices.empty() || !subject.contract)
    return {};
  verifier::ProveOptions prove{.obligation_ms = kClaimMs, .kernel_seconds = kClaimSeconds, .want_candidates = false};
  prove.claims_only = true;
  if (options.stop)
    prove.stop = &options.stop->stop;
  auto claims = mutants.claims(indices);
  if (!claims || !isExact(verifier::judgeKernel(subject.module, *subject.contract, prove)))
    return {};
  return verifier::judgeKernel(*claims, *subject.contract, prove).claims;
}

/// A barrier that nothing needs: without it there is no race, either. Or one that the prover's candidate shows is
/// needed.
void askProver(const Subject& subject, const mutate::Mutants& mutants, const AuditOptions& options,
               MutantResult& result) {
  auto module = mutants.make(result.mutation.index);
  if (!module || !subject.contract)
    return;
  Subject mutant = subject;
  mutant.module = std::move(*module);
  AuditOptions audit = options;
  audit.formal.proofs = nullptr;
  audit.workers = 1;
  FormalResult formal = judgeFormally(mutant, audit);
  bool free_of_races = !formal.outcomes.empty();
  for (const CheckOutcome& one : formal.outcomes) {
    if (const auto* refuted = std::get_if<Refuted>(&one.outcome)) {
      settle(result, Fate::Killed, refuted->summary);
      result.stage = stage_name::formal;
      result.check = one.check;
      return;
    }
    bool orders = one.check.starts_with("race.") || one.check.starts_with("init.") ||
                  one.check.starts_with("bounds.") || one.check.starts_with("barrier.") ||
                  one.check.starts_with("warp.") || one.check == "index.overflow";
    free_of_races = free_of_races && (!orders || std::holds_alternative<Proved>(one.outcome));
  }
  if (free_of_races)
    settle(result, Fate::Equivalent, "proved free of races without it: every order gives the same result");
}

/// Another program that, in the cases that show it, computes the operation all the same; or not, after all.
bool settleByField(const Subject& subject, const mutate::Mutants& mutants, const Jury& jury,
                   std::span<const PreparedCase* const> differs, MutantResult& result) {
  const mutate::Mutation& mutation = result.mutation;
  auto module = mutants.make(mutation.index);
  if (!module || decidesOrder(mutation.op) || mutation.op == Operator::InitRemoved)
    return false;
  Subject mutant = subject;
  mutant.module = std::move(*module);
  FieldEvidence evidence = jury.field().compare(mutant, differs);
  if (!evidence.unequal.empty()) {
    settle(result, Fate::Killed, evidence.unequal);
    result.stage = stage_name::algebra;
    result.check = shadow::kAlgebraCheck;
    return true;
  }
  if (!evidence.undecided.empty() || evidence.cases < kFewestCases)
    return false;
  settle(result, Fate::SameFunction,
         fmt::format(
             "another value in {} of {} cases; equal in a finite field in {} of these, where a wrong algebra escapes "
             "one of three runs each with probability {:.1g} at most",
             differs.size(), jury.cases(), evidence.cases, evidence.escape));
  return true;
}

/// What the cases get to see of the change.
void settleByRuns(const Subject& subject, const mutate::Mutants& mutants, const Jury& jury, MutantResult& result) {
  const std::size_t index = result.mutation.index;
  auto probe = mutants.probe(index);
  auto difference = mutants.difference(index);
  if (!probe || !difference)
    return settle(result, Fate::Survived, "whether a case executes it is not known");
  auto differs = jury.stoppedCases(*difference ? **difference : *probe);
  if (!differs.empty()) {
    if (!settleByField(subject, mutants, jury, differs, result))
      settle(result, Fate::Survived, fmt::format("another value in {} of {} cases", differs.size(), jury.cases()));
    return;
  }
  const bool executed = *difference && jury.stopsSomewhere(*probe);
  settle(result, Fate::Survived,
         executed ? "executed, and its value is the original's in all cases" : "no case executes it");
}

} // namespace

void settleSurvivors(const Subject& subject, const mutate::Mutants& mutants, const Jury& jury,
                     const AuditOptions& options, std::span<MutantResult* const> survivors) {
  parallelFor(survivors.size(), options.workers, [&](std::size_t i) {
    MutantResult& result = *survivors[i];
    if (auto same = mutants.sameCode(result.mutation.index); same && *same)
      settle(result, Fate::Equivalent, "the same code after optimisation");
    else if (decidesOrder(result.mutation.op))
      askProver(subject, mutants, options, result);
  });
  std::set<std::string> proved = provedClaims(subject, mutants, options, survivors);
  for (MutantResult* one : survivors) {
    const std::size_t index = one->mutation.index;
    if (isOpen(one) && proved.contains(mutate::Mutants::claimOfNever(index)))
      settle(*one, Fate::Equivalent, "proved: no launch of the contract gets there");
    else if (isOpen(one) && proved.contains(mutate::Mutants::claimOfSame(index)))
      settle(*one, Fate::Equivalent, "proved: the same value in every launch of the contract");
  }
  parallelFor(survivors.size(), options.workers, [&](std::size_t i) {
    if (isOpen(survivors[i]) && !(options.stop && options.stop->stop))
      settleByRuns(subject, mutants, jury, *survivors[i]);
  });
}

} // namespace kverify::pipeline
