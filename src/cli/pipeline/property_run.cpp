// Two launches of one kernel that a property relates.
#include <chrono>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "cli/pipeline/case_run.h"
#include "cli/pipeline/property_cases.h"
#include "fuzz/generate/random.h"
#include "fuzz/properties/property.h"

namespace kverify::pipeline {
namespace {

using properties::Property;

bool endedClean(const CaseRun& run) {
  return !run.error && run.status == simt::RunStatus::Completed && run.findings.empty();
}

/// The dense results of a finished launch, with their references. Errors: as of judge::askReferences.
Expected<properties::Result> resultOf(const properties::Setting& setting, const LaunchPlan& plan,
                                      const simt::RunResult& ran, bool has_reference) {
  properties::Result result{properties::denseOutputs(setting.contract, plan, setting.axes, ran.buffers), {}};
  if (!has_reference)
    return result;
  auto references = judge::askReferences(setting.contract, plan);
  if (!references)
    return tl::unexpected<ToolError>(references.error());
  result.references = std::move(*references);
  return result;
}

/// The first launch's result, while nothing is wrong with it.
std::optional<properties::Result> judged(const Subject& subject, const properties::Setting& setting,
                                         const LaunchPlan& plan, simt::Program& program, const simt::RunLimits& limits,
                                         bool has_reference, CaseRun& run, RunTrace* trace) {
  auto ran = runPlan(subject, plan, program, limits, run);
  if (ran && trace)
    *trace = traceOf(plan, *ran);
  if (!ran || !endedClean(run))
    return std::nullopt;
  auto result = resultOf(setting, plan, *ran, has_reference);
  if (!result) {
    run.error = result.error();
    return std::nullopt;
  }
  return std::move(*result);
}

void relate(const Subject& subject, const Property& property, const properties::Setting& setting, LaunchPlan plan,
            simt::Program& program, const simt::RunLimits& limits, CaseRun& run, RunTrace* trace) {
  property.prepare(setting, plan);
  auto base = judged(subject, setting, plan, program, limits, true, run, trace);
  if (!base)
    return;
  property.change(setting, plan);
  auto changed = judged(subject, setting, plan, program, limits, property.hasSecondReference(), run, trace);
  if (!changed)
    return;
  run.property_check = property.check();
  if (auto broken = property.violation(setting, *base, *changed))
    run.findings.push_back(valueFinding(subject, plan, run.one_case, property.check(),
                                        fmt::format("{} ({})", *broken, property.statement())));
}

} // namespace

CaseRun runProperty(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                    const simt::RunLimits& limits, RunTrace* trace) {
  auto start = std::chrono::steady_clock::now();
  CaseRun run{.one_case = one_case, .ran = true};
  const Property* property = properties::findProperty(one_case.property);
  auto plan = planOf(subject, one_case, limits.memory_bytes);
  if (!property || !subject.judgesValues())
    run.error = ToolError{ErrorKind::Input, fmt::format("there is no property '{}' here", one_case.property), "", ""};
  else if (!plan)
    run.error = plan.error();
  if (run.error)
    return run;
  Sizes sizes;
  for (const auto& [name, value] : plan->sizes)
    sizes[name] = value;
  auto setting = properties::settingAt(*subject.contract, sizes, one_case.seed);
  if (!setting)
    run.error = setting.error();
  else
    relate(subject, *property, *setting, std::move(*plan), program, limits, run, trace);
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return run;
}

std::vector<generate::Case> propertyCases(const Contract& contract, const std::vector<generate::Case>& cases) {
  std::vector<generate::Case> chosen;
  const std::string family = generate::familyNames(contract).front();
  for (const Property* property : properties::allProperties()) {
    std::vector<generate::Case> fitting;
    for (const generate::Case& one : cases) {
      auto setting = properties::settingAt(contract, one.sizes, one.seed);
      if (setting && property->appliesTo(*setting))
        fitting.push_back(one);
    }
    // One of the middle and one of the larger ones, which are sorted by what they cost; the two largest cost too much.
    std::set<std::size_t> places;
    if (!fitting.empty())
      places = {fitting.size() / 2, fitting.size() * 3 / 4};
    for (std::size_t place : places) {
      generate::Case one = fitting[place];
      one.family = family;
      one.seed = generate::mix(one.seed, property->name());
      one.property = property->name();
      chosen.push_back(std::move(one));
    }
  }
  return chosen;
}

std::vector<NothingToJudge> propertiesNotOwed(const std::vector<generate::Case>& cases, const Contract& contract) {
  const bool says_nothing = !contract.nonfinite.inputs_propagate && !contract.nonfinite.masked_ignored;
  std::vector<NothingToJudge> idle;
  for (const char* check :
       {properties::kIndependence, properties::kInvariance, properties::kRange, properties::kNonfinite}) {
    bool owed = false;
    for (const generate::Case& one : cases) {
      const Property* property = properties::findProperty(one.property);
      owed |= property && std::string_view(property->check()) == check;
    }
    if (owed)
      continue;
    idle.push_back({check, says_nothing && check == std::string_view(properties::kNonfinite)
                               ? "the contract does not say what NaN and infinities do ('nonfinite')"
                               : fmt::format("no property of its kind for {} at these sizes", contract.spec->name)});
  }
  return idle;
}

} // namespace kverify::pipeline
