#include "frontend/observe/observe.h"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/host/elements.h"
#include "frontend/observe/argument_bytes.h"
#include "frontend/observe/compare.h"
#include "frontend/observe/observed_path.h"
#include "frontend/observe/run.h"

namespace kverify::frontend::observe {
namespace {

constexpr std::size_t kRunsOfPath = 3;
constexpr std::int64_t kMostElements = 2147483647; ///< of a parameter, as following assumes it; none of them is there
constexpr std::int64_t kMostElementsSeen = std::int64_t{1} << 12; ///< where the launches that are seen are to be executed

/// A call and the sizes that it was made of.
struct Case {
  std::size_t path;
  Sizes sizes;
};

std::string whyNot(const Observation& seen) {
  switch (seen.end) {
  case Observation::End::Returned: return "";
  case Observation::End::Refused: return fmt::format("the host code refuses what it was given: {}", seen.why);
  case Observation::End::Unsupported: return fmt::format("a run stops at {}", seen.why);
  case Observation::End::Crashed: return fmt::format("a run on the CPU: {}", seen.why);
  }
  return "";
}

std::vector<std::string> entriesOf(const std::vector<host::HostPath>& paths) {
  std::vector<std::string> entries;
  for (const host::HostPath& path : paths)
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
    for (const Sizes& sizes : sizesFor(facts.paths[i], kRunsOfPath, kMostElements)) {
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
        result.difference = fmt::format("{}, with {}", compared.difference, textOf(facts.paths[cases[i].path], cases[i].sizes));
      continue;
    }
    if (one.end != Observation::End::Returned && one.launches.size() < facts.paths[cases[i].path].launches.size()) {
      if (result.agreed == 0)
        result.not_run = whyNot(one);
      continue;
    }
    ++result.agreed;
    result.more |= compared.more;
    result.not_run.clear();
    result.compared += compared.compared;
    result.sizes += (result.sizes.empty() ? "" : "; ") + textOf(facts.paths[cases[i].path], cases[i].sizes);
  }
}

/// The calls of one way through an open entry.
void addCases(const host::HostPath& way, std::size_t index, std::vector<Case>& cases, std::vector<Call>& calls) {
  for (const Sizes& sizes : sizesFor(way, kRunsOfPath, kMostElementsSeen))
    if (auto call = callFor(way, sizes)) {
      calls.push_back(std::move(*call));
      cases.push_back({index, sizes});
    }
}

/// Elements of parameters that no host code names have the type that a kernel takes. True where that changes one.
bool learnElements(std::vector<host::HostPath>& ways, const std::vector<Case>& cases, const HostCode& code, const std::vector<Observation>& seen) {
  bool changed = false;
  for (std::size_t i = 0; i < cases.size(); ++i)
    for (const Launch& launch : seen[i].launches) {
      const auto& params = code.kernels[launch.kernel].info.params;
      for (std::size_t a = 0; a < params.size(); ++a) {
        if (params[a].kind != KernelParam::Kind::Pointer || !params[a].pointee_dtype)
          continue;
        auto memory = memoryAt(seen[i], addressIn(launch.arguments[a].data()));
        int which = memory ? seen[i].memory[*memory].parameter : -1;
        if (which < 0 || static_cast<std::size_t>(which) >= ways[cases[i].path].parameters.size())
          continue;
        host::HostParameter& given = ways[cases[i].path].parameters[static_cast<std::size_t>(which)];
        std::string element = host::elementOf(*params[a].pointee_dtype);
        if (given.element_known || given.element == element)
          continue;
        given.element = element;
        given.element_known = changed = true;
      }
    }
  return changed;
}

/// What runs of these ways launch, each way's entry being `entry`.
void seeEntry(const host::HostFacts& facts, std::vector<host::HostPath> ways, const std::string& entry, SeenPaths& result, bool again = false) {
  std::vector<Case> cases;
  std::vector<Call> calls;
  for (std::size_t i = 0; i < ways.size(); ++i)
    if (ways[i].qualified == entry)
      addCases(ways[i], i, cases, calls);
  if (calls.empty()) {
    result.not_run.push_back(fmt::format("'{}' was not run on the CPU: no value is made for one of its parameters", entry));
    return;
  }
  auto code = compileHostSide(*facts.job, {entry});
  auto seen = code ? runCalls(*code, calls) : tl::unexpected(code.error());
  if (seen && !again && learnElements(ways, cases, *code, *seen))
    return seeEntry(facts, std::move(ways), entry, result, true);
  std::string why = seen ? "" : seen.error().message;
  std::size_t before = result.paths.size();
  for (std::size_t i = 0; seen && i < cases.size(); ++i) {
    const Observation& one = (*seen)[i];
    if (one.launches.empty()) {
      why = why.empty() ? one.end == Observation::End::Returned ? "it launches nothing" : whyNot(one) : why;
      continue;
    }
    auto path = observedPath(ways[cases[i].path], cases[i].sizes, *code, one);
    if (auto* missing = std::get_if<host::Missing>(&path)) {
      why = why.empty() ? missing->what : why;
      continue;
    }
    auto& known = std::get<host::HostPath>(path);
    if (one.end != Observation::End::Returned)
      known.guesses.push_back({host::Guess::About::Relation, "", fmt::format("what comes after the launches that were caught is not known: {}", whyNot(one))});
    result.paths.push_back(std::move(known));
  }
  if (result.paths.size() == before)
    result.not_run.push_back(fmt::format("'{}' was run on the CPU in vain: {}", entry, why));
}

} // namespace

std::vector<PathRuns> runPaths(const host::HostFacts& facts) {
  std::vector<PathRuns> results(facts.paths.size());
  if (!facts.job || facts.paths.empty())
    return results;
  std::vector<std::string> entries = entriesOf(facts.paths);
  runEntries(facts, entries, results);
  // One that cannot be called this way (a member function, overloads) must not take the others with it.
  if (entries.size() > 1 && std::all_of(results.begin(), results.end(), [](const PathRuns& one) { return !one.not_run.empty(); }))
    for (const std::string& entry : entries)
      runEntries(facts, {entry}, results);
  // Once more with sizes that can be executed.
  for (std::size_t i = 0; i < results.size(); ++i)
    if (!results[i].difference.empty() || results[i].more) {
      SeenPaths seen;
      seeEntry(facts, {facts.paths[i]}, facts.paths[i].qualified, seen);
      results[i].seen = std::move(seen.paths);
    }
  return results;
}

SeenPaths seePaths(const host::HostFacts& facts) {
  SeenPaths result;
  if (!facts.job)
    return result;
  for (const std::string& entry : entriesOf(facts.open))
    seeEntry(facts, facts.open, entry, result);
  return result;
}

} // namespace kverify::frontend::observe
