#include "cli/pipeline/mutant_sample.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/pipeline/adequacy_run.h"
#include "cli/pipeline/algebra.h"
#include "cli/pipeline/case_run.h"
#include "core/thread_pool.h"
#include "fuzz/judge/references.h"
#include "fuzz/mutate/mutants.h"

namespace kverify::pipeline {
namespace {

using mutate::Operator;

constexpr std::size_t kMutants = 12;
constexpr std::uint64_t kFewestSteps = std::uint64_t{1} << 18;
constexpr std::uint64_t kMoreSteps = 8; ///< than the kernel needs

/// What changes values, and seldom where they are read from and written to.
const std::vector<Operator> kOfValues = {
    Operator::RescaleDropped, Operator::AccumulatorNarrowed, Operator::MinMaxSwapped, Operator::ConstantChanged,
    Operator::MaskInverted,   Operator::CompareWeakened,     Operator::StrideSwapped};

/// One of each kind in turn, and of each kind from the middle of the code outwards to both ends.
std::vector<mutate::Mutation> spread(const std::vector<mutate::Mutation>& all) {
  std::map<Operator, std::vector<mutate::Mutation>> kinds;
  for (const mutate::Mutation& one : all)
    kinds[one.op].push_back(one);
  std::vector<mutate::Mutation> chosen;
  for (std::size_t turn = 0; chosen.size() < std::min(kMutants, all.size()); ++turn)
    for (Operator op : kOfValues) {
      const std::vector<mutate::Mutation>& kind = kinds[op];
      if (turn >= kind.size() || chosen.size() == kMutants)
        continue;
      const std::size_t middle = kind.size() / 2, out = (turn + 1) / 2;
      chosen.push_back(kind[turn % 2 ? middle - out : middle + out]);
    }
  return chosen;
}

/// A case and what the kernel left in it.
struct Scene {
  PreparedCase prepared;
  std::vector<std::vector<std::uint8_t>> left;
  std::uint64_t steps = 0; ///< that a mutant may take
  bool in_doubt = false;   ///< the fast filter can't clear the kernel itself
};

enum class Ruling { Rejected, NoWrongResult, Survived, Undecided };

class Sample {
public:
  Sample(const Subject& subject, const AuditOptions& options) : subject_(subject), options_(options) {}

  /// Cases that the kernel does not end in are left out.
  void stage(const std::vector<generate::Case>& cases, simt::Program& program) {
    std::vector<std::optional<Scene>> scenes(cases.size());
    parallelFor(cases.size(), options_.workers, [&](std::size_t i) { scenes[i] = sceneOf(cases[i], program); });
    for (std::optional<Scene>& scene : scenes)
      if (scene)
        scenes_.push_back(std::move(*scene));
  }

  bool empty() const { return scenes_.empty(); }

  /// By the reference alone, and by whether anything differs at all. Undecided: it passes, and is not the kernel.
  Ruling judge(simt::Program& mutant) const {
    bool differs = false;
    for (const Scene& scene : scenes_) {
      auto run = mutant.run(scene.prepared.plan, limits(scene.steps, scene.in_doubt));
      if (!run || run->doubt || run->status != simt::RunStatus::Completed || !run->findings.empty())
        return Ruling::NoWrongResult;
      if (sameOutputs(scene, run->buffers))
        continue;
      differs = true;
      auto judgement = judge::judge(*subject_.contract, scene.prepared.plan, run->buffers, *scene.prepared.references);
      if (judgement && judgement->tier == judge::Tier::Fail)
        return Ruling::Rejected;
    }
    return differs ? Ruling::Undecided : Ruling::NoWrongResult;
  }

private:
  std::optional<Scene> sceneOf(const generate::Case& one_case, simt::Program& program) const {
    auto prepared = prepareCase(subject_, one_case, options_.memory_bytes);
    if (!prepared || (options_.stop && options_.stop->stop))
      return std::nullopt;
    bool in_doubt = false;
    for (std::uint64_t steps = kFewestSteps; steps <= options_.steps; steps *= kMoreSteps) {
      auto run = program.run(prepared->plan, limits(steps, in_doubt));
      if (run && run->doubt && !in_doubt) {
        in_doubt = true;
        run = program.run(prepared->plan, limits(steps, true));
      }
      if (run && run->status == simt::RunStatus::StepLimit)
        continue;
      if (!run || run->status != simt::RunStatus::Completed || !run->findings.empty())
        return std::nullopt;
      return Scene{std::move(*prepared), std::move(run->buffers), steps * kMoreSteps, in_doubt};
    }
    return std::nullopt;
  }

  simt::RunLimits limits(std::uint64_t steps, bool explain) const {
    simt::RunLimits limits{.steps = steps,
                           .memory_bytes = options_.memory_bytes,
                           .equal_writes = allowsEqualWrites(subject_, options_),
                           .explain = explain};
    if (options_.stop)
      limits.stop = &options_.stop->stop;
    return limits;
  }

  static bool sameOutputs(const Scene& scene, const std::vector<std::vector<std::uint8_t>>& buffers) {
    for (std::size_t i = 0; i < buffers.size(); ++i)
      if (scene.prepared.plan.buffers[i].access != Access::Temporary && buffers[i] != scene.left[i])
        return false;
    return true;
  }

  const Subject& subject_;
  const AuditOptions& options_;
  std::vector<Scene> scenes_;
};

/// What the finite field says of a mutant that the reference lets pass.
Ruling rulingOfField(const Subject& mutant, simt::Program& program, const std::vector<generate::Case>& cases,
                     const AuditOptions& options) {
  if (!hasAlgebra(mutant))
    return Ruling::Undecided;
  std::vector<CaseRun> passed;
  for (const generate::Case& one : cases)
    passed.push_back({.one_case = one, .ran = true});
  simt::RunLimits limits{.steps = options.steps, .memory_bytes = options.memory_bytes};
  if (options.stop)
    limits.stop = &options.stop->stop;
  AlgebraResult result = judgeAlgebraOf(mutant, passed, options.seed, limits, &program);
  if (result.finding)
    return Ruling::Rejected;
  return std::holds_alternative<Tested>(result.outcome) ? Ruling::NoWrongResult : Ruling::Undecided;
}

std::string nameOf(const mutate::Mutation& mutation) {
  return fmt::format("a mutant at line {}: {}", mutation.where.line, mutation.change);
}

} // namespace

MutantSample judgeMutants(const Subject& subject, const std::vector<generate::Case>& cases, const AuditOptions& options,
                          simt::Program* checked) {
  MutantSample result;
  std::unique_ptr<simt::Program> own;
  if (!checked) {
    auto created = simt::Program::create(subject.module);
    if (!created)
      return result;
    own = std::move(*created);
    checked = own.get();
  }
  auto mutants = mutate::Mutants::of(subject.module, {subject.system_folders, kOfValues});
  if (!mutants || !subject.judgesValues())
    return result;
  const std::vector<mutate::Mutation> chosen = spread(mutants->all());
  Sample some(subject, options), all(subject, options);
  some.stage(casesToLookAt(cases), *checked);
  if (some.empty())
    return result;
  std::vector<Ruling> rulings(chosen.size(), Ruling::NoWrongResult);
  std::vector<std::unique_ptr<simt::Program>> passed(chosen.size());
  parallelFor(chosen.size(), options.workers, [&](std::size_t i) {
    auto module = mutants->make(chosen[i].index);
    if (!module || (options.stop && options.stop->stop))
      return;
    Subject mutant = subject;
    mutant.module = std::move(*module);
    auto program = simt::Program::create(mutant.module);
    if (!program)
      return;
    rulings[i] = some.judge(**program);
    if (rulings[i] == Ruling::Undecided && chosen[i].op != Operator::AccumulatorNarrowed)
      rulings[i] = rulingOfField(mutant, **program, cases, options);
    if (rulings[i] == Ruling::Undecided)
      passed[i] = std::move(*program);
  });
  if (std::find(rulings.begin(), rulings.end(), Ruling::Undecided) != rulings.end())
    all.stage(cases, *checked);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (rulings[i] == Ruling::Undecided)
      rulings[i] = all.judge(*passed[i]);
    const bool survived = rulings[i] == Ruling::Undecided && chosen[i].op == Operator::AccumulatorNarrowed;
    result.rejected += rulings[i] == Ruling::Rejected;
    result.total += rulings[i] == Ruling::Rejected || survived;
    result.undecided += rulings[i] == Ruling::Undecided && !survived;
    if (survived)
      result.survivors.push_back(nameOf(chosen[i]));
  }
  return result;
}

} // namespace kverify::pipeline
