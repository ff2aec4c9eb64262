#include "cli/pipeline/value_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fuzz/judge/operation_run.h"
#include "fuzz/judge/references.h"

namespace kverify::pipeline {
namespace {

constexpr std::int64_t kMostColumns = 32, kMostRows = 16;

/// Error over bound, as the pictures show it: infinite where one of the two is not finite and should be.
double ratioOf(double got, double want, double bound) {
  if (std::isnan(want) && std::isinf(bound))
    return 0; // the reference says nothing
  if (!std::isfinite(got) || !std::isfinite(want))
    return got == want || (std::isnan(got) && std::isnan(want)) ? 0 : std::numeric_limits<double>::infinity();
  double error = std::fabs(got - want);
  return error == 0 || std::isnan(bound) ? 0 : bound > 0 ? error / bound : std::numeric_limits<double>::infinity();
}

/// One output against its reference.
struct Output {
  judge::RoleView view;
  std::vector<double> got;
  const oracle::Reference* reference = nullptr;

  std::vector<std::int64_t> indexOf(std::int64_t flat) const {
    std::vector<std::int64_t> index(view.extents.size());
    for (std::size_t i = index.size(); i-- > 0;) {
      index[i] = flat % view.extents[i];
      flat /= view.extents[i];
    }
    return index;
  }
  double ratio(std::size_t i) const { return ratioOf(got[i], reference->value[i], reference->bound[i]); }
};

/// The output and the element that the judge speaks of.
std::optional<std::pair<Output, std::int64_t>> find(const Contract& contract, const LaunchPlan& plan, const Sizes& axes,
                                                    const judge::References& references, const simt::RunResult& result,
                                                    const judge::Element& element) {
  for (const auto& [role, reference] : references) {
    judge::RoleView view = judge::viewRole(contract, plan, axes, role);
    if (!view.tensor || view.tensor->name != element.tensor || static_cast<std::int64_t>(reference.value.size()) != view.count())
      continue;
    Output output{view, judge::readDense(view, view.tensor->dtype, result.buffers[view.buffer]), &reference};
    for (std::int64_t flat = 0; flat < view.count(); ++flat)
      if (view.indexText(flat) == element.index)
        return std::pair(std::move(output), flat);
  }
  return std::nullopt;
}

/// The last two axes around the element.
Tile tileOf(const Output& output, std::int64_t focus, const std::vector<std::vector<simt::LastWriter>>& writers) {
  Tile tile{.object = output.view.tensor->name, .first = output.indexOf(focus)};
  std::size_t last = tile.first.size() - 1;
  auto window = [&](std::size_t axis, std::int64_t most) {
    std::int64_t count = std::min(most, output.view.extents[axis]);
    std::int64_t first = std::clamp<std::int64_t>(tile.first[axis] - count / 2, 0, output.view.extents[axis] - count);
    auto at = static_cast<std::uint32_t>(tile.first[axis] - first);
    tile.first[axis] = first;
    return std::pair(static_cast<std::uint32_t>(count), at);
  };
  auto [columns, column] = window(last, kMostColumns);
  auto [rows, row] = last > 0 ? window(last - 1, kMostRows) : std::pair(1u, 0u);
  tile.rows = rows;
  tile.columns = columns;
  tile.focus.emplace(row, column);
  std::int64_t width = output.view.extents[last], corner = 0;
  for (std::size_t i = 0; i < tile.first.size(); ++i)
    corner = corner * output.view.extents[i] + tile.first[i];
  bool known = output.view.buffer < writers.size() && !writers[output.view.buffer].empty();
  for (std::uint32_t r = 0; r < rows; ++r)
    for (std::uint32_t c = 0; c < columns; ++c) {
      std::int64_t flat = corner + r * width + c;
      tile.ratios.push_back(output.ratio(static_cast<std::size_t>(flat)));
      if (!known)
        continue;
      const simt::LastWriter& who = writers[output.view.buffer][static_cast<std::size_t>(output.view.elementAt(flat))];
      auto at = std::find(tile.threads.begin(), tile.threads.end(), who.thread);
      if (who.code == 0 && at == tile.threads.end())
        at = tile.threads.insert(at, who.thread);
      tile.writers.push_back(who.code == 0 ? static_cast<std::int32_t>(at - tile.threads.begin()) : who.code);
    }
  return tile;
}

void addValues(const Subject& subject, const LaunchPlan& plan, const simt::RunResult& result, Finding& finding) {
  const Contract& contract = *subject.contract;
  auto judgement = judge::judge(contract, plan, result.buffers);
  auto references = judge::askReferences(contract, plan);
  auto run = judge::OperationRun::make(contract, plan);
  if (!judgement || !references || !run)
    return;
  bool finite = finding.check == judge::kBoundCheck;
  const auto& element = finite ? judgement->worst : judgement->first_nonfinite;
  if (!element)
    return;
  ValueFacts value{.tensor = element->tensor, .got = element->got, .want = element->want, .bound = element->bound};
  value.wrong = finite ? judgement->over_bound : judgement->nonfinite;
  value.compared = judgement->compared;
  if (finite)
    finding.facts.violation = Violation{"error of " + element->tensor + element->index, std::fabs(element->got - element->want), element->bound, ""};
  if (auto found = find(contract, plan, run->axes(), *references, result, *element)) {
    auto& [output, flat] = *found;
    std::vector<std::int64_t> index = output.indexOf(flat);
    for (std::size_t i = 0; i < index.size(); ++i)
      value.index.emplace_back(output.view.role->axes[i], index[i]);
    finding.facts.object = MemoryObject{element->tensor, MemorySpace::Global, 0, static_cast<std::uint32_t>(sizeOf(output.view.tensor->dtype)), output.view.extents};
    finding.facts.object->bytes = static_cast<std::uint64_t>(plan.buffers[output.view.buffer].elements) * finding.facts.object->element_bytes;
    if (!index.empty())
      finding.facts.tile = tileOf(output, flat, result.writers);
  }
  finding.facts.value = std::move(value);
}

} // namespace

void addCaseFacts(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                  const simt::RunLimits& limits, Finding& finding) {
  auto plan = planOf(subject, one_case, limits.memory_bytes);
  if (!plan)
    return;
  if (!finding.facts.launch) {
    const KernelLaunch& last = plan->launches.back();
    finding.facts.launch = LaunchFacts{.kernel = last.kernel, .grid = last.grid, .block = last.block,
                                       .shared_bytes = last.dynamic_shared_bytes, .sizes = plan->sizes};
  }
  finding.facts.launch->family = one_case.family;
  finding.facts.launch->seed = one_case.seed;
  bool of_values = finding.check == judge::kBoundCheck || finding.check == judge::kNonfiniteCheck;
  if (!of_values || !subject.judgesValues() || !one_case.property.empty() || one_case.schedule)
    return;
  simt::RunLimits again = limits;
  again.keep_writers = true;
  auto result = program.run(*plan, again);
  if (result && result->status == simt::RunStatus::Completed)
    addValues(subject, *plan, *result, finding);
}

} // namespace kverify::pipeline
