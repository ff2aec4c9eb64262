#include "cli/pipeline/algebra.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kverify::pipeline {
namespace {

using shadow::AlgebraVerdict;
using Kind = AlgebraVerdict::Kind;

constexpr std::size_t kCases = 4;
constexpr double kMostWork = 2e6; // multiply-adds of a case: a field run costs several times the plain one

/// The same sizes with finite inputs that all differ: every element is a symbol of its own.
generate::Case overNormalInputs(generate::Case one, std::uint64_t seed) {
  one.family = "normal";
  one.seed = seed;
  return one;
}

/// Cases of different sizes, from cheap to dear.
std::vector<generate::Case> choose(std::span<const CaseRun> runs, std::uint64_t seed) {
  std::vector<const generate::Case*> all;
  std::set<Sizes> seen;
  for (const CaseRun& run : runs)
    if (run.one_case.work <= kMostWork && !run.one_case.only_block && run.one_case.property.empty() &&
        run.one_case.kept.empty() && run.one_case.schedule == 0 && seen.insert(run.one_case.sizes).second)
      all.push_back(&run.one_case);
  std::stable_sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->work > b->work; });
  std::vector<generate::Case> chosen;
  for (std::size_t i = 0; i < kCases && i < all.size(); ++i) // the dearest, and down to the middle
    chosen.push_back(overNormalInputs(*all[i * all.size() / (2 * kCases)], seed + chosen.size()));
  return chosen;
}

Expected<AlgebraVerdict> runInField(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                                    const simt::RunLimits& limits) {
  auto plan = planOf(subject, one_case, limits.memory_bytes);
  if (!plan)
    return tl::unexpected<ToolError>(plan.error());
  return shadow::judgeAlgebra(*subject.contract, program, *plan, one_case.seed, limits);
}

Expected<std::unique_ptr<simt::Program>> fieldProgram(const Subject& subject) {
  return simt::Program::create(subject.module, {.checks = false, .shadow = simt::ShadowDomain::Field});
}

/// An unchecked run needs a checked one of the same inputs before it.
bool isSafe(const Subject& subject, const generate::Case& one_case, simt::Program& checked,
            const simt::RunLimits& limits) {
  CaseRun run = runCase(subject, one_case, checked, limits);
  return run.ran && !run.error && run.findings.empty() && !run.doubt && run.status == simt::RunStatus::Completed;
}

/// Where the field cannot follow the kernel: it passes nothing, and alone it blocks nothing (foldVerdict, rule 7). A
/// difference by the kernel's own doing proves nothing either, but is not excused.
Unknown unknownOf(const AlgebraVerdict& verdict) {
  std::string where =
      verdict.place.line ? fmt::format(" ({}:{})", verdict.place.file, verdict.place.line) : std::string();
  const char* how = verdict.differs ? "in exact arithmetic " : "in the finite field: ";
  const char* code = verdict.suspicious ? unknown_reason::unconfirmed : unknown_reason::not_judged;
  return {code, how + verdict.reason + where};
}

/// A difference that one seed proves and another does not show: no accusation yet, and nothing that may be excused.
Unknown seenOnce(const AlgebraVerdict& verdict) {
  return {unknown_reason::unconfirmed, verdict.reason + ", but the residues of another seed do not show it"};
}

} // namespace

bool hasAlgebra(const Subject& subject) {
  return subject.judgesValues() && shadow::fieldEvaluation(subject.contract->spec->oracle) != nullptr;
}

AlgebraResult judgeAlgebraOf(const Subject& subject, std::span<const CaseRun> runs, std::uint64_t seed,
                             const simt::RunLimits& limits, simt::Program* checked) {
  AlgebraResult result;
  auto failed = [&](const ToolError& error) {
    result.outcome = Unknown{unknown_reason::tool_error, error.message};
    return result;
  };
  for (const CaseRun& run : runs)
    if (!run.findings.empty() || run.error || run.status != simt::RunStatus::Completed) {
      result.outcome = Unknown{unknown_reason::no_cases, "another rule is broken: the algebra was not looked at"};
      return result;
    }
  std::vector<generate::Case> cases = choose(runs, seed);
  std::unique_ptr<simt::Program> own;
  if (!checked) {
    auto created = simt::Program::create(subject.module);
    if (!created)
      return failed(created.error());
    own = std::move(*created);
    checked = own.get();
  }
  auto program = fieldProgram(subject);
  if (!program)
    return failed(program.error());
  Tested tested{.seed = seed};
  double escape = 0;
  std::set<Sizes> sizes;
  for (const generate::Case& one_case : cases) {
    if (limits.stop && *limits.stop)
      break;
    generate::Case other = overNormalInputs(one_case, one_case.seed + 0x9e3779b9);
    if (!isSafe(subject, one_case, *checked, limits))
      continue;
    auto verdict = runInField(subject, one_case, **program, limits);
    if (!verdict)
      return failed(verdict.error());
    if (verdict->kind == Kind::Unequal) {
      auto again = isSafe(subject, other, *checked, limits) ? runInField(subject, other, **program, limits)
                                                             : Expected<AlgebraVerdict>(AlgebraVerdict());
      if (!again)
        return failed(again.error());
      if (again->kind == Kind::Unequal) {
        result.finding = algebraFinding(subject, one_case, verdict->reason);
        result.one_case = one_case;
      } else {
        result.outcome = seenOnce(*verdict);
      }
      return result;
    }
    if (verdict->kind != Kind::Equal) {
      result.outcome = unknownOf(*verdict);
      return result;
    }
    ++tested.cases;
    sizes.insert(one_case.sizes);
    escape = std::max(escape, verdict->escape_probability);
  }
  tested.scope = fmt::format("equal in a finite field: {} combinations of sizes, {} runs; a wrong algebra escapes one run "
                             "with probability {:.1g} at most",
                             sizes.size(), tested.cases, escape);
  if (tested.cases > 0)
    result.outcome = tested;
  return result;
}

void addAlgebraFinding(const Subject& subject, const generate::Case& one_case, const simt::RunLimits& limits,
                       CaseRun& run) {
  if (!hasAlgebra(subject) || run.error || !run.findings.empty() || run.status != simt::RunStatus::Completed)
    return;
  auto program = fieldProgram(subject);
  auto verdict = program ? runInField(subject, one_case, **program, limits)
                         : tl::unexpected<ToolError>(program.error());
  if (!verdict)
    run.error = verdict.error();
  else if (verdict->kind == Kind::Unequal)
    run.findings.push_back(algebraFinding(subject, one_case, verdict->reason));
}

} // namespace kverify::pipeline
