#include "frontend/observe/observe.h"

#include <algorithm>
#include <map>
#include <optional>

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

/// The file's host side with a way into each of its entries, compiled once. One that can't be called this way (a member function,
/// overloads) must not take the others with it: then each has code of its own.
class HostSide {
public:
  HostSide(const ClangJob& job, std::vector<std::string> entries) : job_(job), entries_(std::move(entries)) {}

  /// The code, and the entry's number in it.
  Expected<std::pair<HostCode*, unsigned>> into(const std::string& entry) {
    if (!all_)
      all_.emplace(compileHostSide(job_, entries_));
    if (*all_)
      return std::pair{&**all_, static_cast<unsigned>(std::find(entries_.begin(), entries_.end(), entry) - entries_.begin())};
    if (entries_.size() == 1)
      return tl::unexpected(all_->error());
    auto known = alone_.find(entry);
    if (known == alone_.end())
      known = alone_.emplace(entry, compileHostSide(job_, {entry})).first;
    if (!known->second)
      return tl::unexpected(known->second.error());
    return std::pair{&*known->second, 0u};
  }

private:
  const ClangJob& job_;
  std::vector<std::string> entries_;
  std::optional<Expected<HostCode>> all_;
  std::map<std::string, Expected<HostCode>> alone_;
};

/// A call of a way, and what it did.
struct Made {
  std::size_t way;
  Sizes sizes;
  Observation seen;
};

/// What became of calling some ways through one entry.
struct Tried {
  const HostCode* code = nullptr; ///< null where nothing was called
  std::vector<Made> calls;
  std::vector<std::string> not_called; ///< of each way: why; "" = it was
};

Tried tryWays(HostSide& side, const std::vector<host::HostPath>& ways, std::int64_t most_elements) {
  Tried tried{.not_called = std::vector<std::string>(ways.size())};
  std::vector<Call> calls;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    tried.not_called[i] = "no sizes were found that its requirements allow";
    for (Sizes& sizes : sizesFor(ways[i], kRunsOfPath, most_elements)) {
      auto call = callFor(ways[i], sizes);
      tried.not_called[i] = call ? "" : "no value is made for one of its parameters";
      if (!call)
        break;
      calls.push_back(std::move(*call));
      tried.calls.push_back({i, std::move(sizes), {}});
    }
  }
  if (calls.empty())
    return tried;
  auto code = side.into(ways[0].qualified);
  if (code)
    for (Call& call : calls)
      call.entry = code->second;
  auto seen = code ? runCalls(*code->first, calls) : tl::unexpected(code.error());
  if (!seen) {
    for (const Made& one : tried.calls)
      tried.not_called[one.way] = seen.error().message;
    tried.calls.clear();
    return tried;
  }
  tried.code = code->first;
  for (std::size_t i = 0; i < calls.size(); ++i)
    tried.calls[i].seen = std::move((*seen)[i]);
  return tried;
}

/// One call of a path, compared with what following it says.
void judge(const host::HostPath& path, const HostCode& code, const Made& made, PathRuns& result) {
  Comparison compared = compare(path, made.sizes, code, made.seen);
  bool whole = made.seen.end == Observation::End::Returned;
  if (!whole && (made.seen.launches.empty() || (compared.difference.empty() && made.seen.launches.size() < path.launches.size()))) {
    if (result.agreed == 0)
      result.not_run = whyNot(made.seen);
  } else if (!compared.difference.empty()) {
    if (result.difference.empty())
      result.difference = fmt::format("{}, with {}", compared.difference, textOf(path, made.sizes));
  } else {
    ++result.agreed;
    result.more |= compared.more;
    result.not_run.clear();
    result.compared += compared.compared;
    result.sizes += (result.sizes.empty() ? "" : "; ") + textOf(path, made.sizes);
  }
}

/// Elements of parameters that no host code names have the type that a kernel takes. True where that changes one.
bool learnElements(std::vector<host::HostPath>& ways, const Tried& tried) {
  bool changed = false;
  for (const Made& made : tried.calls)
    for (const Launch& launch : made.seen.launches) {
      const auto& params = tried.code->kernels[launch.kernel].info.params;
      for (std::size_t a = 0; a < params.size(); ++a) {
        if (params[a].kind != KernelParam::Kind::Pointer || !params[a].pointee_dtype)
          continue;
        auto memory = memoryAt(made.seen, addressIn(launch.arguments[a].data()));
        int which = memory ? made.seen.memory[*memory].parameter : -1;
        if (which < 0 || static_cast<std::size_t>(which) >= ways[made.way].parameters.size())
          continue;
        host::HostParameter& given = ways[made.way].parameters[static_cast<std::size_t>(which)];
        std::string element = host::elementOf(*params[a].pointee_dtype);
        if (given.element_known || given.element == element)
          continue;
        given.element = element;
        given.element_known = changed = true;
      }
    }
  return changed;
}

/// What runs of these ways through one entry launch, as paths of numbers; and why there are none.
std::vector<host::HostPath> seen(HostSide& side, std::vector<host::HostPath> ways, std::vector<host::Missing>& not_run) {
  Tried tried = tryWays(side, ways, kMostElementsSeen);
  if (learnElements(ways, tried))
    tried = tryWays(side, ways, kMostElementsSeen);
  std::vector<host::HostPath> paths;
  std::string why = tried.calls.empty() ? tried.not_called[0] : "";
  auto because = [&](const std::string& reason) { why = why.empty() ? reason : why; };
  for (const Made& made : tried.calls) {
    bool whole = made.seen.end == Observation::End::Returned;
    if (made.seen.launches.empty()) {
      because(whole ? "it launches nothing" : whyNot(made.seen));
      continue;
    }
    auto path = observedPath(ways[made.way], made.sizes, *tried.code, made.seen);
    if (auto* missing = std::get_if<host::Missing>(&path)) {
      because(missing->what);
      continue;
    }
    paths.push_back(std::move(std::get<host::HostPath>(path)));
    if (!whole)
      paths.back().guesses.push_back({host::Guess::About::Relation, "",
                                      fmt::format("what comes after the launches that were caught is not known: {}", whyNot(made.seen))});
  }
  if (paths.empty())
    not_run.push_back({ways[0].entry, ways[0].line,
                       fmt::format("'{}' was {}: {}", ways[0].qualified, tried.calls.empty() ? "not run on the CPU" : "run on the CPU in vain", why)});
  return paths;
}

std::vector<host::HostPath> waysInto(const std::string& entry, const std::vector<host::HostPath>& paths) {
  std::vector<host::HostPath> ways;
  std::copy_if(paths.begin(), paths.end(), std::back_inserter(ways), [&](const host::HostPath& path) { return path.qualified == entry; });
  return ways;
}

} // namespace

HostRuns runHostCode(const host::HostFacts& facts) {
  HostRuns result{.paths = std::vector<PathRuns>(facts.paths.size())};
  if (!facts.job)
    return result;
  std::vector<std::string> entries = entriesOf(facts.paths);
  for (const std::string& entry : entriesOf(facts.open))
    if (std::find(entries.begin(), entries.end(), entry) == entries.end())
      entries.push_back(entry);
  HostSide side(*facts.job, entries);
  for (const std::string& entry : entriesOf(facts.paths)) {
    std::vector<host::HostPath> ways = waysInto(entry, facts.paths);
    std::vector<PathRuns*> results; // of those ways
    for (std::size_t i = 0; i < facts.paths.size(); ++i)
      if (facts.paths[i].qualified == entry)
        results.push_back(&result.paths[i]);
    Tried tried = tryWays(side, ways, kMostElements);
    for (std::size_t i = 0; i < ways.size(); ++i)
      results[i]->not_run = tried.not_called[i];
    for (const Made& made : tried.calls)
      judge(ways[made.way], *tried.code, made, *results[made.way]);
    for (std::size_t i = 0; i < ways.size(); ++i) // once more with sizes that can be executed
      if (std::vector<host::Missing> ignored; !results[i]->difference.empty() || results[i]->more)
        results[i]->seen = seen(side, {ways[i]}, ignored);
  }
  for (const std::string& entry : entriesOf(facts.open)) {
    std::vector<host::HostPath> paths = seen(side, waysInto(entry, facts.open), result.not_run);
    std::move(paths.begin(), paths.end(), std::back_inserter(result.seen));
  }
  return result;
}

} // namespace kverify::frontend::observe
