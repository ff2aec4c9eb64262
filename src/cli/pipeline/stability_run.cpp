#include "cli/pipeline/stability_run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cli/pipeline/audit_record.h"
#include "cli/pipeline/limits.h"
#include "core/hash.h"
#include "core/thread_pool.h"
#include "core/write_file.h"
#include "fuzz/adequacy/adequacy.h"
#include "fuzz/generate/random.h"
#include "fuzz/generate/sizes.h"
#include "fuzz/properties/relation.h"
#include "fuzz/stability/growth.h"
#include "fuzz/stability/naive.h"
#include "fuzz/stability/stability.h"

namespace kverify::pipeline {
namespace {

constexpr double kStressWork = 4e5;  ///< multiply-adds of a stress case
constexpr double kQuickWork = 1e5;   ///< of a quick audit's
constexpr double kGrowthWork = 1e7;  ///< and of one point of the curve
constexpr std::int64_t kLongest = 8192;
constexpr std::size_t kFewestPoints = 4;

/// A number that orders blocks and warps as none before it does; never 0, which is the usual order.
std::uint64_t scheduleOf(unsigned i) {
  return 1009 + 1018 * std::uint64_t{i};
}

std::string sizesText(const Sizes& sizes) {
  std::string text;
  for (const auto& [name, value] : sizes)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  return text;
}

/// The largest case that is cheap enough to be run once for each family.
generate::Case baseOf(const std::vector<generate::Case>& cases, double work = kStressWork) {
  generate::Case base = cases.front();
  for (const generate::Case& one : cases)
    if (one.work <= work && one.property.empty())
      base = one;
  base.property.clear();
  base.kept.clear();
  base.schedule = 0;
  return base;
}

generate::Case stressCase(generate::Case base, const std::string& family, std::uint64_t seed) {
  base.family = family;
  base.seed = generate::mix(seed, "stress " + family);
  return base;
}

/// Could this case have failed at all?
adequacy::Score scoreOf(const Subject& subject, const PreparedCase& prepared) {
  adequacy::Score score;
  auto setting = properties::settingAt(*subject.contract, prepared.one_case.sizes, prepared.one_case.seed);
  if (setting && prepared.references)
    score.add(*setting, *prepared.references,
              adequacy::impostorsOf(*setting, prepared.plan, *prepared.references, {}));
  return score;
}

std::string outcomeOf(const CaseRun& run) {
  if (run.error)
    return run.error->message;
  if (!run.ran || run.status == simt::RunStatus::Stopped)
    return "not run";
  if (!run.findings.empty())
    return "fail";
  if (run.status != simt::RunStatus::Completed)
    return run.reason.empty() ? "did not end" : run.reason;
  return run.judgement ? "pass" : "not judged";
}

StressRow rowOf(const stability::StressCase& stress, const CaseRun& run, const adequacy::Score& score) {
  StressRow row{.name = stress.family, .finds = stress.finds, .sizes = sizesText(run.one_case.sizes),
                .outcome = outcomeOf(run)};
  row.impostors = score.total();
  row.impostors_rejected = score.rejected();
  if (!run.judgement)
    return row;
  row.worst_ratio = run.judgement->worst_ratio;
  row.nonfinite_due = run.judgement->nonfinite_due;
  row.nonfinite_wrong = run.judgement->nonfinite;
  row.signed_mean_error = run.judgement->signed_mean_error;
  if (const auto& worst = run.judgement->worst)
    row.where = worst->tensor + worst->index;
  return row;
}

void runStress(const Subject& subject, const generate::Case& base, simt::Program& program, const AuditOptions& options,
               StabilityResult& result) {
  const auto list = stability::stressCases(*subject.contract);
  std::vector<CaseRun> runs(list.size());
  std::vector<StressRow> rows(list.size());
  parallelFor(list.size(), options.workers, [&](std::size_t i) {
    generate::Case one = stressCase(base, list[i].family, options.seed);
    runs[i].one_case = one;
    if (options.stop && options.stop->stop)
      return;
    const simt::RunLimits limits = limitsOf(subject, options);
    if (auto prepared = prepareCase(subject, one, options.memory_bytes)) {
      runs[i] = runRecorded(subject, *prepared, program, limits, options.record);
      rows[i] = rowOf(list[i], runs[i], scoreOf(subject, *prepared));
    } else { // says why
      runs[i] = runRecorded(subject, one, program, limits, options.record);
      rows[i] = rowOf(list[i], runs[i], {});
    }
  });
  for (std::size_t i = 0; i < list.size(); ++i)
    if (rows[i].name.empty())
      rows[i] = rowOf(list[i], runs[i], {});
  result.table.rows = std::move(rows);
  std::move(runs.begin(), runs.end(), std::back_inserter(result.runs));
}

void runOrders(const Subject& subject, const generate::Case& base, simt::Program& program, const AuditOptions& options,
               StabilityResult& result) {
  std::vector<CaseRun> runs(options.schedules);
  parallelFor(runs.size(), options.workers, [&](std::size_t i) {
    generate::Case one = base;
    one.family = subject.contract ? generate::familyNames(*subject.contract).front() : base.family;
    one.schedule = scheduleOf(static_cast<unsigned>(i));
    runs[i].one_case = one;
    if (!options.stop || !options.stop->stop)
      runs[i] = runRecorded(subject, one, program, limitsOf(subject, options), options.record);
  });
  for (CaseRun& run : runs) {
    result.table.schedules += run.property_check == stability::kNondeterministic;
    for (const Finding& finding : run.findings) {
      if (finding.check != stability::kNondeterministic || !result.table.order_dependent.empty())
        continue;
      result.table.order_dependent = finding.message;
      if (!finding.locations.empty() && !finding.locations[0].stack.empty())
        result.table.order_dependent += fmt::format(" (line {})", finding.locations[0].stack[0].line);
    }
    if (options.require_determinism)
      result.runs.push_back(std::move(run));
  }
  if (!result.table.order_dependent.empty() && !options.require_determinism)
    result.notes.push_back("the bits of the result depend on the order of blocks and warps: " + result.table.order_dependent +
                           "; --determinism require refutes that");
}

/// A NaN in the first element of every float input, one launch: which results does it reach?
void tryNan(const Subject& subject, const generate::Case& base, simt::Program& program, const AuditOptions& options,
            StabilityResult& result) {
  auto plan = planOf(subject, base, options.memory_bytes);
  auto setting = properties::settingAt(*subject.contract, base.sizes, base.seed);
  if (!plan || !setting)
    return;
  for (const SpecRole& role : subject.contract->spec->roles)
    if (!role.output) {
      bool first = true;
      properties::transform(*setting, *plan, role.name, [&](const properties::Index&, double x) {
        return std::exchange(first, false) ? std::numeric_limits<double>::quiet_NaN() : x;
      });
    }
  auto references = judge::askReferences(*subject.contract, *plan);
  CaseRun run{.one_case = base, .ran = true};
  auto ran = references ? runPlan(subject, *plan, program, limitsOf(subject, options), run) : std::nullopt;
  if (!ran || run.status != simt::RunStatus::Completed)
    return;
  std::size_t due = 0, reached = 0, more = 0;
  for (const auto& [role, got] : properties::denseOutputs(*subject.contract, *plan, setting->axes, ran->buffers))
    for (std::size_t i = 0; i < got.size(); ++i) {
      const bool want = std::isnan(references->at(role).value[i]), is = std::isnan(got[i]);
      due += want;
      reached += want && is;
      more += !want && is;
    }
  result.table.nonfinite = reached == due ? "in an input reaches every result that depends on it"
                                          : fmt::format("in an input reaches {} of {} results that depend on it", reached, due);
  if (more > 0)
    result.table.nonfinite += fmt::format(", and {} that do not", more);
  result.table.nonfinite += subject.contract->nonfinite.inputs_propagate ? " (declared, and judged)" : " (not declared: reported only)";
}

/// The free size that is the length of the reduction: the extent of nk, n, k or classes in some input.
const SizeDecl* growthSize(const Contract& contract) {
  for (const TensorDecl& tensor : contract.tensors)
    for (std::size_t i = 0; i < tensor.axes.size(); ++i) {
      static const std::set<std::string> lengths = {"nk", "n", "k", "classes"};
      if (tensor.access != Access::Read || !lengths.contains(tensor.axes[i]))
        continue;
      const SizeDecl* size = contract.findSize(tensor.shape[i].text);
      if (size && size->kind != SizeDecl::Kind::Equals)
        return size;
    }
  return nullptr;
}

/// The case with this length; all other sizes are `other` where they may be.
std::optional<generate::Case> growthCase(const Contract& contract, const SizeDecl& along, std::int64_t n, std::int64_t other) {
  if (!along.allows(n))
    return std::nullopt;
  Sizes free;
  for (const SizeDecl& size : contract.sizes) {
    if (size.kind == SizeDecl::Kind::Range)
      free[size.name] = std::min(size.high, std::max(size.low, other));
    if (size.kind == SizeDecl::Kind::List)
      free[size.name] = *std::min_element(size.list.begin(), size.list.end());
  }
  free[along.name] = n;
  auto sizes = completeSizes(contract, free);
  auto broken = sizes ? brokenRequirement(contract, *sizes) : Expected<const Expr*>(nullptr);
  if (!sizes || !broken || *broken)
    return std::nullopt;
  auto cost = generate::estimateCost(contract, *sizes);
  if (!cost || cost->work > kGrowthWork)
    return std::nullopt;
  return generate::Case{.seed = 77, .family = generate::familyNames(contract).front(), .sizes = *sizes, .work = cost->work};
}

/// The points of the curve. Everything else is as large as the longest of them affords, and the same at all of them: not so
/// small that one element's luck is all there is.
std::vector<generate::Case> growthCases(const Contract& contract, const SizeDecl& along) {
  std::vector<generate::Case> most;
  for (std::int64_t other : {4, 2, 1}) {
    std::vector<generate::Case> cases;
    for (std::int64_t n = 16; n <= kLongest; n *= 2)
      if (auto one = growthCase(contract, along, n, other))
        cases.push_back(std::move(*one));
    if (cases.size() > most.size())
      most = std::move(cases);
  }
  return most;
}

std::optional<GrowthRow> growthPoint(const Subject& subject, const generate::Case& one, std::int64_t n,
                                     simt::Program& program, const AuditOptions& options) {
  auto prepared = prepareCase(subject, one, options.memory_bytes);
  if (!prepared)
    return std::nullopt;
  CaseRun run = runPrepared(subject, *prepared, program, limitsOf(subject, options));
  if (!run.judgement || !run.judgement->worst || !std::isfinite(run.judgement->worst_ratio))
    return std::nullopt;
  const judge::Element& worst = *run.judgement->worst;
  GrowthRow row{.n = n, .error = std::fabs(worst.got - worst.want), .bound = worst.bound};
  const TensorDecl* tensor = subject.contract->findTensor(worst.tensor);
  if (!prepared->references || !tensor)
    return row;
  const auto naive = stability::naiveErrors(*subject.contract, prepared->plan, *prepared->references);
  for (const std::string& role : {tensor->role, tensor->output_role})
    if (auto at = naive.find(role); at != naive.end())
      row.naive = at->second;
  return row;
}

void runGrowth(const Subject& subject, simt::Program& program, const AuditOptions& options, StabilityResult& result) {
  const SizeDecl* along = growthSize(*subject.contract);
  if (!along)
    return;
  const std::vector<generate::Case> cases = growthCases(*subject.contract, *along);
  std::vector<std::optional<GrowthRow>> rows(cases.size());
  parallelFor(cases.size(), options.workers, [&](std::size_t i) {
    if (!options.stop || !options.stop->stop)
      rows[i] = growthPoint(subject, cases[i], cases[i].sizes.at(along->name), program, options);
  });
  std::vector<stability::GrowthPoint> points;
  for (const auto& row : rows)
    if (row) {
      result.table.growth.push_back(*row);
      points.push_back({row->n, row->error, row->bound, row->naive});
    }
  result.table.growth_size = along->name;
  const stability::PowerLaw law = stability::fit(points, &stability::GrowthPoint::error);
  if (law.points < kFewestPoints) { // an error of 0 at most lengths has no exponent
    result.table.growth.clear();
    return;
  }
  result.table.error_exponent = law.exponent;
  result.table.bound_exponent = stability::fit(points, &stability::GrowthPoint::bound).exponent;
  result.table.naive_exponent = stability::fit(points, &stability::GrowthPoint::naive).exponent;
  if (options.output.empty() || points.size() < 2)
    return;
  const std::string path =
      (std::filesystem::path(options.output) /
       fmt::format("growth-{}.svg", sha256Hex(subject.job.source + "\n" + subject.job.contract).substr(0, 8)))
          .string();
  auto written = writeWhole(path, stability::plot("Rounding error of " + subject.displayName(), along->name, points));
  if (written)
    result.table.plot = path;
  else
    result.notes.push_back("the plot is missing: " + written.error().message);
}

} // namespace

StabilityResult runStability(const Subject& subject, const std::vector<generate::Case>& cases, simt::Program& program,
                             const AuditOptions& options) {
  StabilityResult result;
  if (cases.empty())
    return result;
  const generate::Case base = baseOf(cases, options.quick ? kQuickWork : kStressWork);
  result.scope = sizesText(base.sizes);
  runOrders(subject, base, program, options, result);
  if (!subject.judgesValues())
    return result;
  runStress(subject, base, program, options, result);
  // Where no stress case came to values, longer ones do not either, and what broke them is told for every access: minutes.
  if (std::none_of(result.runs.begin(), result.runs.end(), [](const CaseRun& run) { return run.judgement.has_value(); }))
    return result;
  tryNan(subject, base, program, options, result);
  if (!options.quick)
    runGrowth(subject, program, options, result);
  return result;
}

std::vector<generate::Case> stressCasesOf(const Subject& subject, const std::vector<generate::Case>& cases,
                                          std::uint64_t seed) {
  std::vector<generate::Case> stress;
  if (cases.empty() || !subject.judgesValues())
    return stress;
  for (const stability::StressCase& one : stability::stressCases(*subject.contract))
    stress.push_back(stressCase(baseOf(cases), one.family, seed));
  return stress;
}

} // namespace kverify::pipeline
