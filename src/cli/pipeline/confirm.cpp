#include "cli/pipeline/confirm.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace kverify::pipeline {
namespace {

bool sharePlace(const Finding& a, const Finding& b) {
  auto place = [](const FindingLocation& l) {
    return l.stack.empty() ? std::pair<std::string, unsigned>() : std::pair(l.stack[0].file, l.stack[0].line);
  };
  return std::any_of(a.locations.begin(), a.locations.end(), [&](const FindingLocation& la) {
    return std::any_of(b.locations.begin(), b.locations.end(),
                       [&](const FindingLocation& lb) { return place(la) == place(lb); });
  });
}

struct SecondRun {
  CaseRun run;
  RunTrace trace;
};

} // namespace

bool sameAccusation(const Finding& finding, const Finding& again) {
  if (finding.check != again.check)
    return false;
  return (finding.locations.empty() && again.locations.empty()) || sharePlace(finding, again);
}

Expected<std::vector<ConfirmedFinding>> confirmFindings(const Subject& subject, std::vector<ShownFinding> shown,
                                                        const simt::RunLimits& limits) {
  std::vector<ConfirmedFinding> confirmed;
  if (shown.empty())
    return confirmed;
  auto program = simt::Program::create(subject.module, {.always_precise = true});
  if (!program)
    return tl::unexpected(program.error());
  std::map<std::string, SecondRun> runs;
  for (ShownFinding& entry : shown) {
    auto [at, is_new] = runs.try_emplace(entry.one_case.describe());
    SecondRun& second = at->second;
    if (is_new)
      second.run = runCase(subject, entry.one_case, **program, limits, &second.trace);
    const auto& seen = second.run.findings;
    auto again = std::find_if(seen.begin(), seen.end(), [&](const Finding& f) {
      return f.message == entry.finding.message && sameAccusation(entry.finding, f);
    });
    if (again == seen.end())
      again =
          std::find_if(seen.begin(), seen.end(), [&](const Finding& f) { return sameAccusation(entry.finding, f); });
    if (again != seen.end())
      entry.finding = *again;
    entry.finding.confirmed = again != seen.end();
    confirmed.push_back({std::move(entry), second.trace});
  }
  return confirmed;
}

} // namespace kverify::pipeline
