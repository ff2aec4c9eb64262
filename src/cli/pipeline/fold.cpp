#include "cli/pipeline/fold.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/pipeline/backend.h"

namespace kverify::pipeline {
namespace {

using simt::RunStatus;

bool endedWell(const CaseRun& run) {
  return run.ran && !run.error && (run.status == RunStatus::Completed || run.status == RunStatus::Faulted);
}

using Place = std::pair<std::string, unsigned>;

/// File and line of each location, the primary one first.
std::vector<Place> placesOf(const Finding& finding) {
  std::vector<Place> places;
  for (const FindingLocation& location : finding.locations)
    places.push_back(location.stack.empty() ? Place() : Place(location.stack[0].file, location.stack[0].line));
  return places;
}

bool isProperty(const CheckInfo& check) {
  return std::string_view(check.id).starts_with("property.") || std::string_view(check.id).starts_with("stability.");
}

/// How many runs say something about this check, and the worst error among them.
Tested testedOn(const CheckInfo& check, const FoldInput& input) {
  Tested tested{.seed = input.seed, .scope = input.scope};
  bool by_value = needsReference(check);
  for (const CaseRun& run : input.runs) {
    if (run.status != RunStatus::Completed || !endedWell(run))
      continue;
    if (isProperty(check) ? run.property_check != check.id : by_value && !run.judgement)
      continue;
    // Where the data leave every element open, any result would have passed.
    if (by_value && run.judgement && run.judgement->compared > 0 && run.judgement->unbounded >= run.judgement->compared)
      continue;
    ++tested.cases;
    if (by_value && check.id == std::string_view(judge::kBoundCheck))
      tested.worst_ratio = std::max(tested.worst_ratio.value_or(0), run.judgement->worst_ratio);
  }
  return tested;
}

} // namespace

bool needsReference(const CheckInfo& check) {
  return std::string_view(check.id).starts_with("numerics.") || std::string_view(check.id).starts_with("property.");
}

std::vector<ShownFinding> distinctFindings(std::span<const CaseRun> runs) {
  std::vector<ShownFinding> shown;
  // A place once per check; a pair of places once, whichever of the two came first.
  std::set<std::pair<std::string, Place>> seen;
  std::set<std::pair<std::string, std::set<Place>>> seen_together;
  for (const CaseRun& run : runs)
    for (const Finding& finding : run.findings) {
      std::vector<Place> places = placesOf(finding);
      bool new_together = seen_together.emplace(finding.check, std::set(places.begin(), places.end())).second;
      bool is_new = seen.emplace(finding.check, places.empty() ? Place() : places[0]).second;
      if (is_new && new_together)
        shown.push_back({finding, run.one_case});
    }
  return shown;
}

std::span<const CaseRun> countedRuns(std::span<const CaseRun> runs) {
  std::size_t endless = 0;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (!endedWell(runs[i]) && (!ranOutOfSteps(runs[i]) || ++endless == kMostEndless))
      return runs.first(i + 1);
  return runs;
}

bool ranOutOfSteps(const CaseRun& run) {
  return run.ran && !run.error && (run.status == RunStatus::StepLimit || run.status == RunStatus::Hung);
}

std::optional<Unknown> shortfall(std::span<const CaseRun> runs, const std::optional<Unknown>& stopped) {
  if (runs.empty())
    return stopped ? *stopped : Unknown{unknown_reason::no_cases, "no case was run"};
  for (const CaseRun& run : runs) {
    std::string where = run.one_case.describe();
    if (run.error) {
      const char* code =
          run.error->kind == ErrorKind::Limit         ? unknown_reason::memory_limit
          : run.error->kind == ErrorKind::Environment ? unknown_reason::no_device
                                                      : unknown_reason::tool_error;
      return Unknown{code, fmt::format("{} (case {})", run.error->message, where)};
    }
    if (!run.ran || run.status == RunStatus::Stopped) {
      if (stopped)
        return stopped;
      return Unknown{unknown_reason::tool_error, fmt::format("the run stopped for no known reason (case {})", where)};
    }
    if (run.status == RunStatus::Unsupported)
      return Unknown{unknown_reason::unsupported, run.reason};
    if (run.status == RunStatus::Hung)
      return Unknown{unknown_reason::hang, fmt::format("{} (case {})", run.reason, where)};
    if (run.status == RunStatus::StepLimit)
      return Unknown{unknown_reason::step_limit, fmt::format("{} (case {})", run.reason, where)};
  }
  return std::nullopt;
}

Outcome outcomeOf(const CheckInfo& check, const FoldInput& input) {
  const Finding* unconfirmed = nullptr;
  for (const ShownFinding& shown : input.findings) {
    if (shown.finding.check != check.id)
      continue;
    if (shown.finding.confirmed)
      return Refuted{shown.finding.message, shown.finding.replay};
    unconfirmed = &shown.finding;
  }
  if (unconfirmed)
    return Unknown{unknown_reason::unconfirmed, "seen once, not seen again: " + unconfirmed->message};
  if (input.incomplete)
    return *input.incomplete;
  Tested tested = testedOn(check, input);
  if (tested.cases == 0)
    return Unknown{unknown_reason::no_cases, needsReference(check)
                                                 ? "every case broke another rule before its values could be judged"
                                                 : "every case stopped early at a violation"};
  return tested;
}

} // namespace kverify::pipeline
