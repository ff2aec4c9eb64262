#include "frontend/observe/observe.h"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/observe/compare.h"
#include "frontend/observe/run.h"

namespace kverify::frontend::observe {
namespace {

constexpr std::size_t kRunsOfPath = 3;

/// A call and the sizes that it was made of.
struct Case {
  std::size_t path;
  Sizes sizes;
};

std::string textOf(const Sizes& sizes) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : sizes)
    parts.push_back(fmt::format("{} = {}", name, value));
  return parts.empty() ? "no sizes" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string whyNot(const Observation& seen) {
  switch (seen.end) {
  case Observation::End::Returned: return "";
  case Observation::End::Refused: return fmt::format("the host code refuses what it was given: {}", seen.why);
  case Observation::End::Unsupported: return fmt::format("a run stops at {}", seen.why);
  case Observation::End::Crashed: return fmt::format("a run on the CPU: {}", seen.why);
  }
  return "";
}

std::vector<std::string> entriesOf(const host::HostFacts& facts) {
  std::vector<std::string> entries;
  for (const host::HostPath& path : facts.paths)
    if (std::find(entries.begin(), entries.end(), path.qualified) == entries.end())
      entries.push_back(path.qualified);
  return entries;
}

/// Runs what of `paths` belongs to these entries.
void runEntries(const host::HostFacts& facts, const std::vector<std::string>& entries, std::vector<PathRuns>& results) {
  std::vector<Case> cases;
  std::vector<Call> calls;
  for (std::size_t i = 0; i < facts.paths.size(); ++i) {
    auto entry = std::find(entries.begin(), entries.end(), facts.paths[i].qualified);
    if (entry == entries.end())
      continue;
    results[i].not_run = "no sizes were found that its requirements allow";
    for (const Sizes& sizes : sizesFor(facts.paths[i], kRunsOfPath)) {
      auto call = callFor(facts.paths[i], sizes);
      if (!call) {
        results[i].not_run = "no value is made for one of its parameters";
        break;
      }
      call->entry = static_cast<unsigned>(entry - entries.begin());
      calls.push_back(std::move(*call));
      cases.push_back({i, sizes});
    }
  }
  if (calls.empty())
    return;
  auto code = compileHostSide(*facts.job, entries);
  auto seen = code ? runCalls(*code, calls) : tl::unexpected(code.error());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    PathRuns& result = results[cases[i].path];
    if (!seen) {
      result.not_run = seen.error().message;
      continue;
    }
    const Observation& one = (*seen)[i];
    if (one.end != Observation::End::Returned && one.launches.empty()) {
      if (result.agreed == 0)
        result.not_run = whyNot(one);
      continue;
    }
    Comparison compared = compare(facts.paths[cases[i].path], cases[i].sizes, *code, one);
    if (!compared.difference.empty()) {
      if (result.difference.empty())
        result.difference = fmt::format("{}, with {}", compared.difference, textOf(cases[i].sizes));
      continue;
    }
    if (one.end != Observation::End::Returned && one.launches.size() < facts.paths[cases[i].path].launches.size()) {
      if (result.agreed == 0)
        result.not_run = whyNot(one);
      continue;
    }
    ++result.agreed;
    result.not_run.clear();
    result.compared += compared.compared;
    result.sizes += (result.sizes.empty() ? "" : "; ") + textOf(cases[i].sizes);
  }
}

} // namespace

std::vector<PathRuns> runPaths(const host::HostFacts& facts) {
  std::vector<PathRuns> results(facts.paths.size());
  if (!facts.job || facts.paths.empty())
    return results;
  std::vector<std::string> entries = entriesOf(facts);
  runEntries(facts, entries, results);
  // One that cannot be called this way (a member function, overloads) must not take the others with it.
  if (entries.size() > 1 && std::all_of(results.begin(), results.end(), [](const PathRuns& one) { return !one.not_run.empty(); }))
    for (const std::string& entry : entries)
      runEntries(facts, {entry}, results);
  return results;
}

} // namespace kverify::frontend::observe
