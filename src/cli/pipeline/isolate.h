#pragma once
// Each job in a process of its own: a crash, a runaway compiler or memory that runs out costs one kernel's verdict, not
// the report. Must be called while this process has one thread.
#include <cstddef>
#include <functional>
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/stop.h"
#include "kverify/report.h"

namespace kverify::pipeline {

/// Runs in the child. `stop` is the child's own; `progress(done, total)` may be called from any thread.
using IsolatedJob = std::function<KernelReport(std::size_t index, StopSwitch& stop,
                                               const std::function<void(std::size_t, std::size_t)>& progress)>;

struct IsolateOptions {
  Stages stages;                  ///< that the job runs
  std::size_t children = 1;       ///< at a time
  StopSwitch* stop = nullptr;     ///< set by Ctrl-C
  double time_budget_seconds = 0; ///< 0 = none
  double grace_seconds = 10;      ///< how long a child may take to end by itself once it was told to
  /// Told all the time: jobs that are done, the oldest that still runs, and how far it is.
  std::function<void(std::size_t jobs_done, std::size_t job, std::size_t done, std::size_t total)> progress;
  /// Told once per job, in the order of the jobs.
  std::function<void(const KernelReport&)> finished;
};

/// One report per entry of `known` (which has file, kernel and contract filled in), in that order. Jobs that crash,
/// that are killed or that never started have Unknown outcomes that say so.
std::vector<KernelReport> runIsolated(const std::vector<KernelReport>& known, const IsolatedJob& job,
                                      const IsolateOptions& options);

} // namespace kverify::pipeline
