#include "cli/pipeline/run_cases.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>

#include "cli/pipeline/audit_record.h"
#include "cli/pipeline/fold.h"
#include "cli/pipeline/limits.h"
#include "core/thread_pool.h"

namespace kverify::pipeline {

std::vector<CaseRun> runCases(const Subject& subject, const std::vector<generate::Case>& cases, simt::Program& program,
                              const AuditOptions& options) {
  std::vector<CaseRun> runs(cases.size());
  simt::RunLimits limits = limitsOf(subject, options);
  limits.explain = false;
  std::atomic<std::size_t> done{0}, last_useful{cases.size()};
  std::mutex mutex;
  std::set<std::size_t> endless;
  // The first case after which more of them are pointless, as far as this one tells.
  auto deadEnd = [&](std::size_t i, const CaseRun& run) -> std::optional<std::size_t> {
    if (!shortfall(std::span(&run, 1), std::nullopt))
      return std::nullopt;
    if (!ranOutOfSteps(run))
      return i;
    std::lock_guard lock(mutex);
    endless.insert(i);
    return endless.size() < kMostEndless ? std::nullopt
                                         : std::optional(*std::next(endless.begin(), kMostEndless - 1));
  };
  parallelFor(cases.size(), options.workers, [&](std::size_t i) {
    runs[i].one_case = cases[i];
    if (i > last_useful || (options.stop && options.stop->stop))
      return;
    runs[i] = runRecorded(subject, cases[i], program, limits, options.record);
    if (auto last = deadEnd(i, runs[i])) {
      std::size_t known = last_useful;
      while (*last < known && !last_useful.compare_exchange_weak(known, *last)) {
      }
    }
    if (options.progress)
      options.progress(++done, cases.size());
  });
  return runs;
}

std::size_t explainCases(const Subject& subject, std::vector<CaseRun>& runs, simt::Program& program,
                         const AuditOptions& options) {
  constexpr std::size_t kAtATime = 6;
  std::vector<std::size_t> doubtful;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (runs[i].doubt)
      doubtful.push_back(i);
  bool found = false;
  for (std::size_t first = 0; first < doubtful.size() && !found; first += kAtATime) {
    std::size_t count = std::min(kAtATime, doubtful.size() - first);
    parallelFor(count, options.workers, [&](std::size_t i) {
      CaseRun& run = runs[doubtful[first + i]];
      run = runRecorded(subject, run.one_case, program, limitsOf(subject, options), options.record);
    });
    for (std::size_t i = 0; i < count; ++i)
      found |= !runs[doubtful[first + i]].findings.empty();
  }
  return std::erase_if(runs, [](const CaseRun& run) { return run.doubt; });
}

} // namespace kverify::pipeline
