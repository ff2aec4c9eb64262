#include "cli/pipeline/confirm.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cli/pipeline/algebra.h"
#include "cli/pipeline/value_facts.h"
#include "verifier/replay/confirm.h"

namespace kverify::pipeline {
namespace {

using Place = std::pair<std::string, unsigned>;

std::set<Place> placesOf(const Finding& finding) {
  std::set<Place> places;
  for (const FindingLocation& location : finding.locations)
    places.insert(location.stack.empty() ? Place() : Place(location.stack[0].file, location.stack[0].line));
  return places;
}

/// How well `again` repeats the accusation; 0 is not at all.
int likeness(const Finding& finding, const Finding& again) {
  if (finding.check != again.check)
    return 0;
  std::set<Place> before = placesOf(finding), now = placesOf(again), common;
  std::set_intersection(before.begin(), before.end(), now.begin(), now.end(), std::inserter(common, common.end()));
  if (common.empty() && !(before.empty() && now.empty()))
    return 0;
  return 1 + (before == now) + (finding.message == again.message);
}

struct SecondRun {
  CaseRun run;
  RunTrace trace;
};

} // namespace

const Finding* findAgain(const Finding& finding, std::span<const Finding> seen) {
  const Finding* best = nullptr;
  for (const Finding& again : seen)
    if (likeness(finding, again) > (best ? likeness(finding, *best) : 0))
      best = &again;
  return best;
}

Expected<std::vector<ConfirmedFinding>> confirmFindings(const Subject& subject, std::vector<ShownFinding> shown,
                                                        const simt::RunLimits& limits, const BackendOptions& backend) {
  std::vector<ConfirmedFinding> confirmed;
  if (shown.empty())
    return confirmed;
  std::vector<SourceLocation> watch;
  for (const ShownFinding& entry : shown)
    for (SourceLocation& line : verifier::watchedLines(entry.finding))
      watch.push_back(std::move(line));
  auto runner = createRunner(subject, backend, {.always_precise = true, .watch = std::move(watch)});
  if (!runner)
    return tl::unexpected(runner.error());
  std::map<std::string, SecondRun> runs;
  for (ShownFinding& entry : shown) {
    auto [at, is_new] = runs.try_emplace(entry.one_case.describe());
    SecondRun& second = at->second;
    if (is_new)
      second.run = runCase(subject, entry.one_case, *runner->program, limits, &second.trace);
    if (entry.finding.check == shadow::kAlgebraCheck)
      addAlgebraFinding(subject, entry.one_case, limits, second.run);
    const Finding* again = findAgain(entry.finding, second.run.findings);
    if (again)
      entry.finding = *again;
    entry.finding.confirmed = again != nullptr;
    if (again)
      addCaseFacts(subject, entry.one_case, *runner->program, limits, entry.finding);
    confirmed.push_back({std::move(entry), second.trace});
  }
  return confirmed;
}

} // namespace kverify::pipeline
