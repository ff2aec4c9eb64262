#include "cli/pipeline/observe_host.h"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/observe/observe.h"

namespace kverify::pipeline {

using frontend::host::Certainty;
using frontend::host::HostFacts;
using frontend::host::HostPath;

void observeHost(HostFacts& facts) {
  frontend::observe::HostRuns runs = frontend::observe::runHostCode(facts);
  std::vector<HostPath> kept, seen;
  for (std::size_t i = 0; i < facts.paths.size(); ++i) {
    HostPath& path = facts.paths[i];
    frontend::observe::PathRuns& run = runs.paths[i];
    std::move(run.seen.begin(), run.seen.end(), std::back_inserter(seen));
    if (!run.difference.empty()) {
      facts.missing.push_back({path.entry, path.line, fmt::format("following it and running it on the CPU differ: {}", run.difference)});
      continue;
    }
    if (run.agreed != 0)
      path.facts.push_back({fmt::format("{} of '{}' on the CPU launched what following it says, {} numbers compared: {}",
                                        run.agreed == 1 ? "a run" : fmt::format("{} runs", run.agreed), path.entry, run.compared, run.sizes),
                            path.line, Certainty::Observed});
    else if (!run.not_run.empty())
      path.facts.push_back({fmt::format("'{}' was followed, and not confirmed by a run: {}", path.entry, run.not_run), path.line, Certainty::Derived});
    kept.push_back(std::move(path));
  }
  facts.paths = std::move(kept);
  std::move(runs.seen.begin(), runs.seen.end(), std::back_inserter(seen));
  for (auto& missing : facts.missing)
    if (auto count = std::count_if(seen.begin(), seen.end(), [&](const HostPath& path) { return path.entry == missing.entry; }))
      missing.what = fmt::format("its launches were caught in {}, and are known for the sizes of those alone; {}",
                                 count == 1 ? "a run on the CPU" : fmt::format("{} runs on the CPU", count), missing.what);
  std::move(seen.begin(), seen.end(), std::back_inserter(facts.paths));
  for (auto& missing : facts.missing)
    for (const auto& why : runs.not_run)
      if (why.entry == missing.entry)
        missing.what += "; " + why.what;
}

} // namespace kverify::pipeline
